#include "text/tokenizer/added_tokens.h"

#include <algorithm>

#include "text/tokenizer/unicode.h"

namespace mlxa::tok {
namespace {

// The matcher compares this many bytes at most at every position of a text.
constexpr size_t kMaxContentBytes = 1024;

AddedToken parse_token(const Json& value, const std::string& where) {
  const Fields fields(value, where);
  AddedToken token;
  fields.integer("id", 0, kMaxTokenId);
  token.content = fields.string("content");
  token.single_word = fields.boolean("single_word", false);
  token.lstrip = fields.boolean("lstrip", false);
  token.rstrip = fields.boolean("rstrip", false);
  token.special = fields.boolean("special", false);
  token.normalized = fields.boolean("normalized", !token.special);
  if (token.content.size() > kMaxContentBytes) {
    fail_unsupported(fields.where("content"),
                     "a text of " + std::to_string(token.content.size()) + " bytes",
                     "at most " + std::to_string(kMaxContentBytes));
  }
  return token;
}

// Start of the white space that ends `text`.
size_t trailing_space(std::string_view text) {
  size_t end = text.size();
  while (end > 0) {
    const size_t begin = previous_boundary(text, end);
    if (size_t next = begin; !is_space(next_code_point(text, next))) break;
    end = begin;
  }
  return end;
}

// End of the white space that starts at `begin`.
size_t leading_space(std::string_view text, size_t begin) {
  while (begin < text.size()) {
    size_t next = begin;
    if (!is_space(next_code_point(text, next))) break;
    begin = next;
  }
  return begin;
}

bool touches_word(std::string_view text, size_t begin, size_t end) {
  if (begin > 0) {
    size_t before = previous_boundary(text, begin);
    if (is_word(next_code_point(text, before))) return true;
  }
  return end < text.size() && is_word(next_code_point(text, end));
}

}  // namespace

TextMatcher::TextMatcher(const std::vector<std::string>& texts) {
  for (size_t i = 0; i < texts.size(); ++i) {
    if (!texts[i].empty()) sorted_.push_back({texts[i], i});
  }
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [](const Entry& a, const Entry& b) { return a.text < b.text; });
  sorted_.erase(std::unique(sorted_.begin(), sorted_.end(),
                            [](const Entry& a, const Entry& b) { return a.text == b.text; }),
                sorted_.end());
  for (const Entry& entry : sorted_) ++first_[static_cast<unsigned char>(entry.text[0]) + 1];
  for (size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
}

std::optional<TextMatcher::Match> TextMatcher::find(std::string_view text, size_t from) const {
  for (size_t begin = from; begin < text.size(); ++begin) {
    const auto byte = static_cast<unsigned char>(text[begin]);
    if (first_[byte] == first_[byte + 1]) continue;
    if (const auto match = longest_at(text, begin)) return match;
  }
  return std::nullopt;
}

// Narrows the range of entries that agree with the text, byte by byte. The shortest stands first.
std::optional<TextMatcher::Match> TextMatcher::longest_at(std::string_view text,
                                                          size_t begin) const {
  const auto byte_at = [](const Entry& entry, size_t depth) {
    return static_cast<unsigned char>(entry.text[depth]);
  };
  std::optional<Match> best;
  size_t low = first_[static_cast<unsigned char>(text[begin])];
  size_t high = first_[static_cast<unsigned char>(text[begin]) + 1];
  for (size_t depth = 1; low < high; ++depth) {
    if (sorted_[low].text.size() == depth) {
      best = Match{begin, begin + depth, sorted_[low].index};
      ++low;
    }
    if (begin + depth == text.size()) break;
    const auto byte = static_cast<unsigned char>(text[begin + depth]);
    const auto first = sorted_.begin();
    const auto from = std::partition_point(
        first + static_cast<ptrdiff_t>(low), first + static_cast<ptrdiff_t>(high),
        [&](const Entry& entry) { return byte_at(entry, depth) < byte; });
    const auto to =
        std::partition_point(from, first + static_cast<ptrdiff_t>(high),
                             [&](const Entry& entry) { return byte_at(entry, depth) == byte; });
    low = static_cast<size_t>(from - first);
    high = static_cast<size_t>(to - first);
  }
  return best;
}

AddedTokens::AddedTokens(const Json& tokens, const Vocabulary& vocabulary,
                         const Normalizer* normalizer)
    : raw_{TextMatcher({}), {}}, normalized_{TextMatcher({}), {}} {
  const std::string where = "tokenizer.json: added_tokens";
  if (!tokens.is_null() && !tokens.is_array()) {
    fail_invalid(where, std::string("is of type ") + tokens.type_name(), "an array");
  }
  auto next_id = static_cast<int64_t>(vocabulary.size());
  std::unordered_map<std::string, size_t> position;
  for (size_t i = 0; i < tokens.size(); ++i) {
    AddedToken token = parse_token(tokens[i], where + "[" + std::to_string(i) + "]");
    if (token.content.empty()) continue;
    int64_t id = find(token.content);
    if (id == kNoToken) id = vocabulary.find(token.content);
    if (id == kNoToken) id = next_id++;
    if (id > kMaxTokenId) fail_invalid(where, "needs an id out of range", "fewer tokens");
    largest_id_ = std::max(largest_id_, static_cast<int32_t>(id));
    if (token.special) special_.insert(token.content);
    const auto [at, is_new] = position.emplace(token.content, tokens_.size());
    if (is_new) {
      order_.push_back(static_cast<int32_t>(id));
      ids_.emplace(token.content, static_cast<int32_t>(id));
      tokens_.push_back(std::move(token));
    } else {
      tokens_[at->second] = std::move(token);
    }
    by_id_[static_cast<int32_t>(id)] = at->second;
  }
  for (AddedToken& token : tokens_) {
    NormalizedText text{token.content};
    if (token.normalized && normalizer != nullptr) normalizer->apply(text);
    if (text.text.size() > kMaxContentBytes) {
      fail_unsupported(where,
                       "with a normalized text of " + std::to_string(text.text.size()) + " bytes",
                       "at most " + std::to_string(kMaxContentBytes));
    }
    token.decoded = std::move(text.text);
  }
  raw_ = make_finder(false);
  normalized_ = make_finder(true);
}

AddedTokens::Finder AddedTokens::make_finder(bool normalized) const {
  std::vector<std::string> texts;
  std::vector<int32_t> ids;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (tokens_[i].normalized != normalized) continue;
    texts.push_back(tokens_[i].decoded);
    ids.push_back(order_[i]);
  }
  return {TextMatcher(texts), std::move(ids)};
}

int32_t AddedTokens::find(const std::string& content) const {
  const auto it = ids_.find(content);
  return it == ids_.end() ? kNoToken : it->second;
}

const AddedToken* AddedTokens::token(int32_t id) const {
  const auto it = by_id_.find(id);
  return it == by_id_.end() ? nullptr : &tokens_[it->second];
}

bool AddedTokens::is_special(std::string_view content) const {
  return special_.find(std::string(content)) != special_.end();
}

std::vector<Segment> AddedTokens::split(std::string_view text, const Finder& finder) const {
  std::vector<Segment> segments;
  if (text.empty()) return segments;
  size_t done = 0, from = 0;
  while (!finder.matcher.empty()) {
    const auto match = finder.matcher.find(text, from);
    if (!match) break;
    from = match->end;
    const int32_t id = finder.ids[match->index];
    const AddedToken& token = *this->token(id);
    auto [begin, end] = std::pair(match->begin, match->end);
    if (token.single_word && touches_word(text, begin, end)) continue;
    if (token.lstrip) begin = std::max(trailing_space(text.substr(0, begin)), done);
    if (token.rstrip) end = leading_space(text, end);
    if (done < begin) segments.push_back({done, begin, kNoToken});
    segments.push_back({begin, end, id});
    done = end;
  }
  if (done < text.size()) segments.push_back({done, text.size(), kNoToken});
  return segments;
}

}  // namespace mlxa::tok
