#include "text/tokenizer/normalizer.h"

#include <utility>
#include <vector>

#include "text/tokenizer/byte_level.h"
#include "text/tokenizer/pattern.h"
#include "text/tokenizer/unicode.h"

namespace mlxa::tok {
namespace {

class UnicodeForm final : public Normalizer {
 public:
  explicit UnicodeForm(NormalForm form) : form_(form) {}
  void apply(NormalizedText& text) const override {
    text.text = normalize(text.text, form_);
    check_text_size(text.text.size());
  }

 private:
  NormalForm form_;
};

class Lowercase final : public Normalizer {
 public:
  void apply(NormalizedText& text) const override { text.text = lowercase(text.text); }
};

class Strip final : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}
  void apply(NormalizedText& text) const override {
    std::string& s = text.text;
    size_t begin = 0, end = s.size();
    while (left_ && begin < end) {
      size_t next = begin;
      if (!is_space(next_code_point(s, next))) break;
      begin = next;
    }
    while (right_ && end > begin) {
      size_t last = previous_boundary(s, end);
      if (size_t next = last; !is_space(next_code_point(s, next))) break;
      end = last;
    }
    if (begin > 0) text.keeps_start = false;
    s = s.substr(begin, end - begin);
  }

 private:
  bool left_, right_;
};

// Leaves out the code points that `drop` is true for.
template <class Drop>
void filter(NormalizedText& text, Drop drop) {
  std::string out;
  out.reserve(text.text.size());
  for (size_t i = 0; i < text.text.size();) {
    const size_t begin = i;
    if (drop(next_code_point(text.text, i))) {
      if (begin == 0) text.keeps_start = false;
    } else {
      out.append(text.text, begin, i - begin);
    }
  }
  text.text = std::move(out);
}

class StripAccents final : public Normalizer {
 public:
  void apply(NormalizedText& text) const override { filter(text, is_mark); }
};

class Replace final : public Normalizer {
 public:
  Replace(Pattern pattern, std::string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void apply(NormalizedText& text) const override {
    std::vector<Cut> cuts;
    Cutter(pattern_).cut(text.text, cuts);
    if (content_.empty() && cuts[0].is_match && cuts[0].end > 0) text.keeps_start = false;
    text.text = replace_matches(text.text, cuts, content_);
  }

 private:
  Pattern pattern_;
  std::string content_;
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string prefix) : prefix_(std::move(prefix)) {}
  void apply(NormalizedText& text) const override {
    if (!text.text.empty()) text.text.insert(0, prefix_);
    check_text_size(text.text.size());
  }

 private:
  std::string prefix_;
};

class ByteLevelNormalizer final : public Normalizer {
 public:
  void apply(NormalizedText& text) const override {
    std::string out;
    out.reserve(text.text.size() * 2);
    append_byte_characters(out, text.text);
    text.text = std::move(out);
    check_text_size(text.text.size());
  }
};

class BertNormalizer final : public Normalizer {
 public:
  explicit BertNormalizer(const Fields& fields)
      : clean_(fields.boolean("clean_text", true)),
        isolate_(fields.boolean("handle_chinese_chars", true)),
        lowercase_(fields.boolean("lowercase", true)),
        strip_accents_(fields.boolean("strip_accents", lowercase_)) {}

  void apply(NormalizedText& text) const override {
    if (clean_) clean(text);
    if (isolate_) isolate(text.text);
    if (strip_accents_) {
      text.text = normalize(text.text, NormalForm::kNfd);
      filter(text, [](char32_t c) { return is_mark(c) && category(c)[1] == 'n'; });
    }
    if (lowercase_) text.text = lowercase(text.text);
    check_text_size(text.text.size());
  }

 private:
  static bool is_blank(char32_t c) { return c == '\t' || c == '\n' || c == '\r'; }

  // Controls go, white space becomes a space.
  static void clean(NormalizedText& text) {
    filter(text, [](char32_t c) {
      if (is_blank(c)) return false;
      const std::string_view kind = category(c);
      return c == 0xFFFD || kind == "Cc" || kind == "Cf" || kind == "Co";
    });
    std::string out;
    out.reserve(text.text.size());
    for (size_t i = 0; i < text.text.size();) {
      const size_t begin = i;
      if (is_space(next_code_point(text.text, i))) {
        out += ' ';
      } else {
        out.append(text.text, begin, i - begin);
      }
    }
    text.text = std::move(out);
  }

  static void isolate(std::string& text) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size();) {
      const size_t begin = i;
      const bool ideograph = is_ideograph(next_code_point(text, i));
      if (ideograph) out += ' ';
      out.append(text, begin, i - begin);
      if (ideograph) out += ' ';
    }
    text = std::move(out);
  }

  bool clean_, isolate_, lowercase_, strip_accents_;
};

class NormalizerSequence final : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<std::unique_ptr<Normalizer>> parts)
      : parts_(std::move(parts)) {}
  void apply(NormalizedText& text) const override {
    for (const auto& part : parts_) part->apply(text);
  }

 private:
  std::vector<std::unique_ptr<Normalizer>> parts_;
};

}  // namespace

std::unique_ptr<Normalizer> make_normalizer(const Json& value, const std::string& where) {
  if (value.is_null()) return nullptr;
  const std::string type = component_type(value, where);
  const Fields fields(value, where);
  if (type == "NFC") return std::make_unique<UnicodeForm>(NormalForm::kNfc);
  if (type == "NFD") return std::make_unique<UnicodeForm>(NormalForm::kNfd);
  if (type == "NFKC") return std::make_unique<UnicodeForm>(NormalForm::kNfkc);
  if (type == "NFKD") return std::make_unique<UnicodeForm>(NormalForm::kNfkd);
  if (type == "Lowercase") return std::make_unique<Lowercase>();
  if (type == "StripAccents") return std::make_unique<StripAccents>();
  if (type == "ByteLevel") return std::make_unique<ByteLevelNormalizer>();
  if (type == "BertNormalizer") return std::make_unique<BertNormalizer>(fields);
  if (type == "Prepend") return std::make_unique<Prepend>(fields.string("prepend"));
  if (type == "Strip") {
    return std::make_unique<Strip>(fields.boolean("strip_left", true),
                                   fields.boolean("strip_right", true));
  }
  if (type == "Replace") {
    return std::make_unique<Replace>(
        Pattern::from_json(fields.at("pattern"), fields.where("pattern")),
        fields.string("content"));
  }
  if (type == "Sequence") {
    std::vector<std::unique_ptr<Normalizer>> parts;
    for (const Json& part : fields.array("normalizers")) {
      const std::string place = fields.where("normalizers[" + std::to_string(parts.size()) + "]");
      auto made = make_normalizer(part, place);
      if (!made) fail_invalid(place, "is null", "a normalizer");
      parts.push_back(std::move(made));
    }
    return std::make_unique<NormalizerSequence>(std::move(parts));
  }
  fail_unsupported(where, "the normalizer " + in_quotes(type),
                   "NFC, NFD, NFKC, NFKD, Lowercase, Strip, StripAccents, Replace, Prepend, "
                   "ByteLevel, BertNormalizer or Sequence");
}

}  // namespace mlxa::tok
