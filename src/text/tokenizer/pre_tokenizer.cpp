#include "text/tokenizer/pre_tokenizer.h"

#include <utility>

#include "text/tokenizer/byte_level.h"
#include "text/tokenizer/split.h"
#include "text/tokenizer/unicode.h"

namespace mlxa::tok {
namespace {

constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// Rewrites every piece by `rewrite(text, at_origin, out)`, which appends the new text to `out`.
template <class Rewrite>
void rewrite_pieces(PieceList& list, Rewrite rewrite) {
  std::string text;
  text.reserve(list.text.size() + list.text.size() / 4 + list.pieces.size());
  for (Piece& piece : list.pieces) {
    const size_t begin = text.size();
    rewrite(list.view(piece), piece.at_origin, text);
    piece = {begin, text.size(), piece.at_origin};
    check_text_size(text.size());
  }
  list.text = std::move(text);
}

// Splits by a predicate on code points.
template <class IsMatch>
void split_by(PieceList& list, SplitBehavior behavior, IsMatch is_match) {
  split_pieces(list, behavior, false, [&](std::string_view text, std::vector<Cut>& cuts) {
    size_t done = 0;
    for (size_t i = 0; i < text.size();) {
      const size_t begin = i;
      if (!is_match(next_code_point(text, i))) continue;
      if (done < begin) cuts.push_back({done, begin, false});
      cuts.push_back({begin, i, true});
      done = i;
    }
    if (done < text.size()) cuts.push_back({done, text.size(), false});
  });
}

class ByteLevel final : public PreTokenizer {
 public:
  explicit ByteLevel(const Fields& fields)
      : add_prefix_space_(fields.boolean("add_prefix_space", true)) {
    if (fields.boolean("use_regex", true)) {
      pattern_ = Pattern::regex(kGpt2Pattern, fields.where());
    }
  }

  void apply(PieceList& list) const override {
    if (add_prefix_space_) {
      rewrite_pieces(list, [](std::string_view text, bool, std::string& out) {
        if (!text.starts_with(' ')) out += ' ';
        out += text;
      });
    }
    if (pattern_) {
      Cutter cutter(*pattern_);
      split_pieces(list, SplitBehavior::kIsolated, false,
                   [&](std::string_view text, auto& cuts) { cutter.cut(text, cuts); });
    }
    rewrite_pieces(list, [](std::string_view text, bool, std::string& out) {
      append_byte_characters(out, text);
    });
  }

 private:
  bool add_prefix_space_;
  std::optional<Pattern> pattern_;
};

class Metaspace final : public PreTokenizer {
 public:
  explicit Metaspace(const Fields& fields)
      : replacement_(fields.character("replacement")), split_(fields.boolean("split", true)) {
    // Files from before prepend_scheme say add_prefix_space; where both stand they must agree.
    const std::string otherwise = fields.boolean("add_prefix_space", true) ? "always" : "never";
    scheme_ = fields.optional_string("prepend_scheme").value_or(otherwise);
    if (scheme_ != "always" && scheme_ != "never" && scheme_ != "first") {
      fail_invalid(fields.where("prepend_scheme"), "is " + in_quotes(scheme_),
                   "always, never or first");
    }
  }

  void apply(PieceList& list) const override {
    rewrite_pieces(list, [&](std::string_view text, bool at_origin, std::string& out) {
      const bool wanted = scheme_ == "always" || (scheme_ == "first" && at_origin);
      if (wanted && !text.starts_with(' ') && !text.starts_with(replacement_)) out += replacement_;
      for (const char c : text) {
        if (c == ' ') {
          out += replacement_;
        } else {
          out += c;
        }
      }
    });
    if (!split_) return;
    split_pieces(list, SplitBehavior::kMergedWithNext, false,
                 [&](std::string_view text, std::vector<Cut>& cuts) { cut(text, cuts); });
  }

 private:
  void cut(std::string_view text, std::vector<Cut>& cuts) const {
    size_t done = 0;
    for (size_t at = text.find(replacement_); at != std::string_view::npos;
         at = text.find(replacement_, done)) {
      if (done < at) cuts.push_back({done, at, false});
      done = at + replacement_.size();
      cuts.push_back({at, done, true});
    }
    if (done < text.size()) cuts.push_back({done, text.size(), false});
  }

  std::string replacement_, scheme_;
  bool split_;
};

class Split final : public PreTokenizer {
 public:
  Split(Pattern pattern, SplitBehavior behavior, bool invert)
      : pattern_(std::move(pattern)), behavior_(behavior), invert_(invert) {}
  void apply(PieceList& list) const override {
    Cutter cutter(pattern_);
    split_pieces(list, behavior_, invert_,
                 [&](std::string_view text, auto& cuts) { cutter.cut(text, cuts); });
  }

 private:
  Pattern pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

class Digits final : public PreTokenizer {
 public:
  explicit Digits(bool individual)
      : behavior_(individual ? SplitBehavior::kIsolated : SplitBehavior::kContiguous) {}
  void apply(PieceList& list) const override { split_by(list, behavior_, is_numeric); }

 private:
  SplitBehavior behavior_;
};

class Punctuation final : public PreTokenizer {
 public:
  explicit Punctuation(SplitBehavior behavior) : behavior_(behavior) {}
  void apply(PieceList& list) const override { split_by(list, behavior_, is_punctuation); }

 private:
  SplitBehavior behavior_;
};

// Words, and runs of what is neither word nor white space.
class Whitespace final : public PreTokenizer {
 public:
  void apply(PieceList& list) const override {
    split_pieces(
        list, SplitBehavior::kRemoved, false, [&](std::string_view text, std::vector<Cut>& cuts) {
          enum class Kind { kSpace, kWord, kOther };
          Kind previous = Kind::kSpace;
          for (size_t i = 0; i < text.size();) {
            const size_t begin = i;
            const char32_t c = next_code_point(text, i);
            const Kind kind = is_word(c) ? Kind::kWord : is_space(c) ? Kind::kSpace : Kind::kOther;
            if (kind == previous && !cuts.empty()) {
              cuts.back().end = i;
            } else {
              cuts.push_back({begin, i, kind == Kind::kSpace});
            }
            previous = kind;
          }
        });
  }
};

class WhitespaceSplit final : public PreTokenizer {
 public:
  void apply(PieceList& list) const override { split_by(list, SplitBehavior::kRemoved, is_space); }
};

class BertPreTokenizer final : public PreTokenizer {
 public:
  void apply(PieceList& list) const override {
    split_by(list, SplitBehavior::kRemoved, is_space);
    split_by(list, SplitBehavior::kIsolated, is_punctuation);
  }
};

class CharDelimiterSplit final : public PreTokenizer {
 public:
  explicit CharDelimiterSplit(const std::string& delimiter) {
    size_t position = 0;
    delimiter_ = next_code_point(delimiter, position);
  }
  void apply(PieceList& list) const override {
    split_by(list, SplitBehavior::kRemoved, [&](char32_t c) { return c == delimiter_; });
  }

 private:
  char32_t delimiter_;
};

class PreTokenizerSequence final : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(std::vector<std::unique_ptr<PreTokenizer>> parts)
      : parts_(std::move(parts)) {}
  void apply(PieceList& list) const override {
    for (const auto& part : parts_) part->apply(list);
  }

 private:
  std::vector<std::unique_ptr<PreTokenizer>> parts_;
};

SplitBehavior behavior_of(const Fields& fields, SplitBehavior otherwise) {
  const auto name = fields.optional_string("behavior");
  return name ? parse_behavior(*name, fields.where("behavior")) : otherwise;
}

std::unique_ptr<PreTokenizer> make_sequence(const Fields& fields) {
  std::vector<std::unique_ptr<PreTokenizer>> parts;
  for (const Json& part : fields.array("pretokenizers")) {
    const std::string place = fields.where("pretokenizers[" + std::to_string(parts.size()) + "]");
    auto made = make_pre_tokenizer(part, place);
    if (!made) fail_invalid(place, "is null", "a pre-tokenizer");
    parts.push_back(std::move(made));
  }
  return std::make_unique<PreTokenizerSequence>(std::move(parts));
}

}  // namespace

std::unique_ptr<PreTokenizer> make_pre_tokenizer(const Json& value, const std::string& where) {
  if (value.is_null()) return nullptr;
  const std::string type = component_type(value, where);
  const Fields fields(value, where);
  if (type == "Sequence") return make_sequence(fields);
  if (type == "ByteLevel") return std::make_unique<ByteLevel>(fields);
  if (type == "Metaspace") return std::make_unique<Metaspace>(fields);
  if (type == "Split") {
    return std::make_unique<Split>(
        Pattern::from_json(fields.at("pattern"), fields.where("pattern")),
        parse_behavior(fields.string("behavior"), fields.where("behavior")),
        fields.boolean("invert", false));
  }
  if (type == "Digits") return std::make_unique<Digits>(fields.boolean("individual_digits", false));
  if (type == "Punctuation") {
    return std::make_unique<Punctuation>(behavior_of(fields, SplitBehavior::kIsolated));
  }
  if (type == "Whitespace") return std::make_unique<Whitespace>();
  if (type == "WhitespaceSplit") return std::make_unique<WhitespaceSplit>();
  if (type == "BertPreTokenizer") return std::make_unique<BertPreTokenizer>();
  if (type == "CharDelimiterSplit") {
    return std::make_unique<CharDelimiterSplit>(fields.character("delimiter"));
  }
  fail_unsupported(where, "the pre-tokenizer " + in_quotes(type),
                   "ByteLevel, Metaspace, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, "
                   "BertPreTokenizer, CharDelimiterSplit or Sequence");
}

}  // namespace mlxa::tok
