#include "mlxa/tokenizer.h"

#include <algorithm>

#include "mlxa/error.h"

#include "base/mapped_file.h"
#include "text/tokenizer/document.h"
#include "text/tokenizer/tokenizer_impl.h"
#include "text/tokenizer/unicode.h"

namespace mlxa {
namespace {

constexpr const char* kTokenizerFile = "tokenizer.json";

const tok::Json& member(const tok::Json& object, const char* key) {
  static const tok::Json kNull;
  const auto it = object.find(key);
  return it == object.end() ? kNull : *it;
}

std::string read_tokenizer(const std::filesystem::path& path) {
  if (!has_entry(path)) {
    throw Error(ErrorCode::kNotFound, "[tokenizer] " + path.string() + " is missing",
                "Name a model directory that holds tokenizer.json; models with another tokenizer "
                "file have to be converted first.");
  }
  return read_text_file(path, tok::kMaxFileBytes);
}

// Adds the roles of one file ("bos_token": text or {"content": text}) that are not there yet.
void add_roles(const std::filesystem::path& path,
               std::vector<std::pair<std::string, std::string>>& roles) {
  if (!has_entry(path)) return;
  const tok::Json root =
      tok::parse_json_object(read_text_file(path, tok::kMaxFileBytes), path.filename().string());
  const auto add = [&](const std::string& role, const tok::Json& value) {
    const tok::Json& content = value.is_object() ? member(value, "content") : value;
    if (!content.is_string() || !role.ends_with("_token")) return;
    for (const auto& known : roles) {
      if (known.first == role) return;
    }
    roles.emplace_back(role, content.get<std::string>());
  };
  for (const auto& [role, value] : root.items()) add(role, value);
  if (const tok::Json& extra = member(root, "extra_special_tokens"); extra.is_object()) {
    for (const auto& [role, value] : extra.items()) add(role, value);
  }
}

}  // namespace

Tokenizer::Impl::Impl(const tok::Document& document)
    : normalizer(
          tok::make_normalizer(member(document.root, "normalizer"), "tokenizer.json: normalizer")),
      pre_tokenizer(tok::make_pre_tokenizer(member(document.root, "pre_tokenizer"),
                                            "tokenizer.json: pre_tokenizer")),
      model(tok::make_model(document)),
      post_processor(member(document.root, "post_processor"), "tokenizer.json: post_processor"),
      decoder(member(document.root, "decoder"), "tokenizer.json: decoder"),
      added(member(document.root, "added_tokens"), model->vocabulary(), normalizer.get()) {}

std::vector<int32_t> Tokenizer::Impl::encode(std::string_view text, bool add_special_tokens) const {
  tok::check_text_size(text.size());
  std::string repaired;
  if (!tok::is_valid_utf8(text)) {
    repaired = tok::repair_utf8(text);
    text = repaired;
  }
  std::vector<int32_t> ids;
  tok::ModelScratch scratch;
  for (const tok::Segment& raw : added.split_raw(text)) {
    if (raw.id != tok::kNoToken) {
      ids.push_back(raw.id);
      continue;
    }
    tok::NormalizedText normalized{std::string(text.substr(raw.begin, raw.end - raw.begin))};
    if (normalizer) normalizer->apply(normalized);
    for (const tok::Segment& segment : added.split_normalized(normalized.text)) {
      if (segment.id != tok::kNoToken) {
        ids.push_back(segment.id);
        continue;
      }
      const bool at_origin = raw.begin == 0 && segment.begin == 0 && normalized.keeps_start;
      encode_normalized(
          std::string_view(normalized.text).substr(segment.begin, segment.end - segment.begin),
          at_origin, scratch, ids);
    }
  }
  return add_special_tokens ? post_processor.apply(std::move(ids)) : ids;
}

void Tokenizer::Impl::encode_normalized(std::string_view text, bool at_origin,
                                        tok::ModelScratch& scratch,
                                        std::vector<int32_t>& ids) const {
  tok::PieceList list{std::string(text), {{0, text.size(), at_origin}}};
  if (pre_tokenizer) pre_tokenizer->apply(list);
  for (const tok::Piece& piece : list.pieces) model->encode(list.view(piece), scratch, ids);
}

std::optional<std::string_view> Tokenizer::Impl::decodable(int32_t id,
                                                           bool skip_special_tokens) const {
  std::string_view token;
  if (const tok::AddedToken* own = added.token(id)) {
    token = own->decoded;
  } else if (model->vocabulary().contains(id)) {
    token = model->vocabulary().token(id);
  } else {
    return std::nullopt;
  }
  if (skip_special_tokens && added.is_special(token)) return std::nullopt;
  return token;
}

std::vector<std::pair<std::string, std::string>> special_token_roles(
    const std::filesystem::path& model_dir) {
  std::vector<std::pair<std::string, std::string>> roles;
  add_roles(model_dir / "tokenizer_config.json", roles);
  add_roles(model_dir / "special_tokens_map.json", roles);
  return roles;
}

Tokenizer Tokenizer::load(const std::filesystem::path& model_dir) {
  const std::string text = read_tokenizer(model_dir / kTokenizerFile);
  auto impl = std::make_shared<Impl>(tok::parse_tokenizer_json(text, kTokenizerFile));
  impl->special_tokens = special_token_roles(model_dir);
  return Tokenizer(std::move(impl));
}

Tokenizer Tokenizer::from_json(std::string_view tokenizer_json) {
  tok::check_text_size(tokenizer_json.size());
  return Tokenizer(
      std::make_shared<Impl>(tok::parse_tokenizer_json(tokenizer_json, kTokenizerFile)));
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, bool add_special_tokens) const {
  return impl_->encode(text, add_special_tokens);
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special_tokens) const {
  tok::Decoder::Stream stream(impl_->decoder);
  std::string text;
  for (const int32_t id : ids) {
    if (const auto token = impl_->decodable(id, skip_special_tokens)) stream.put(*token, text);
  }
  stream.finish(text);
  return text;
}

int32_t Tokenizer::vocab_size() const {
  return std::max({impl_->model->vocabulary().largest_id(), impl_->added.largest_id(),
                   impl_->post_processor.largest_id()}) +
         1;
}

std::optional<int32_t> Tokenizer::token_to_id(std::string_view token) const {
  int32_t id = impl_->added.find(std::string(token));
  if (id == tok::kNoToken) id = impl_->model->vocabulary().find(token);
  if (id == tok::kNoToken) return std::nullopt;
  return id;
}

std::optional<std::string> Tokenizer::id_to_token(int32_t id) const {
  if (const tok::AddedToken* own = impl_->added.token(id)) return own->content;
  if (!impl_->model->vocabulary().contains(id)) return std::nullopt;
  return std::string(impl_->model->vocabulary().token(id));
}

bool Tokenizer::is_special(int32_t id) const {
  const tok::AddedToken* own = impl_->added.token(id);
  return own != nullptr && own->special;
}

const std::vector<std::pair<std::string, std::string>>& Tokenizer::special_tokens() const {
  return impl_->special_tokens;
}

}  // namespace mlxa
