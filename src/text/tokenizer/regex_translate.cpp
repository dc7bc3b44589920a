#include "text/tokenizer/regex_translate.h"

#include <cctype>
#include <optional>
#include <vector>

#include "text/tokenizer/char_class.h"
#include "text/tokenizer/component.h"
#include "text/tokenizer/unicode.h"

namespace mlxa::tok {
namespace {

class Translator {
 public:
  Translator(std::string_view pattern, std::string_view where) : in_(pattern), where_(where) {}

  TranslatedPattern run() {
    while (position_ < in_.size()) step();
    out_.pattern.append(open_options_, ')');
    return std::move(out_);
  }

 private:
  struct Group {
    size_t start;         // where its text begins in the output
    size_t open_options;  // of the enclosing group
  };
  struct Interval {
    std::string low, high;
    bool fixed = false;
    size_t size = 0;  // in the input
  };

  bool at(std::string_view text) const { return in_.substr(position_).starts_with(text); }

  // Appends one thing that a quantifier may follow.
  void atom(std::string_view text) {
    atom_ = out_.pattern.size();
    quantified_ = false;
    out_.pattern += text;
  }

  void no_atom(std::string_view text) {
    atom_.reset();
    out_.pattern += text;
  }

  void step() {
    switch (in_[position_]) {
      case '\\':
        return escape();
      case '[':
        return atom(translate_class(in_, position_, where_));
      case '(':
        return open();
      case ')':
        return close();
      case '*':
      case '+':
      case '?':
        return quantifier();
      case '{':
        return interval();
      case '|':
      case '^':
      case '$':
        return no_atom(in_.substr(position_++, 1));
      default: {
        const size_t size = sequence_length(static_cast<unsigned char>(in_[position_]));
        atom(in_.substr(position_, size));
        position_ += size;
      }
    }
  }

  void open() {
    const size_t start = out_.pattern.size();
    if (at("(?#")) {
      const size_t end = in_.find(')', position_);
      position_ = end == std::string_view::npos ? in_.size() : end + 1;
      return;
    }
    if (at("(?~")) {
      fail_unsupported(where_, "the pattern " + in_quotes(in_) + " with an absent expression",
                       "other expressions");
    }
    if (options(start)) return;
    groups_.push_back({start, open_options_});
    open_options_ = 0;
    size_t size = 1;
    for (const std::string_view head : {"(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!"}) {
      if (at(head)) size = head.size();
    }
    if (size == 1 && at("(?<")) size = 3;
    no_atom(in_.substr(position_, size));
    position_ += size;
  }

  // (?i) acts to the end of the enclosing group, alternatives included; "m" means that the dot
  // matches line ends.
  bool options(size_t start) {
    if (!at("(?")) return false;
    const size_t end = in_.find_first_not_of("imx-", position_ + 2);
    if (end == std::string_view::npos || end == position_ + 2) return false;
    if (in_[end] != ':' && in_[end] != ')') return false;
    std::string flags(in_.substr(position_ + 2, end - position_ - 2));
    for (char& flag : flags) {
      if (flag == 'm') flag = 's';
      if (flag == 'x') {
        fail_unsupported(where_, "the pattern " + in_quotes(in_) + " in extended form",
                         "a pattern without the option x");
      }
    }
    if (in_[end] == ':') {
      groups_.push_back({start, open_options_});
      open_options_ = 0;
    } else {
      ++open_options_;
    }
    no_atom("(?" + flags + ":");
    position_ = end + 1;
    return true;
  }

  void close() {
    ++position_;
    out_.pattern.append(open_options_, ')');
    out_.pattern += ')';
    open_options_ = 0;
    if (groups_.empty()) return;  // PCRE2 will say so
    atom_ = groups_.back().start;
    quantified_ = false;
    open_options_ = groups_.back().open_options;
    groups_.pop_back();
  }

  void wrap() {
    out_.pattern.insert(*atom_, "(?:");
    out_.pattern += ')';
    quantified_ = false;
  }

  // * + ? with their lazy and possessive forms, which the dialects share.
  void quantifier() {
    if (atom_ && quantified_) wrap();
    out_.pattern += in_[position_++];
    if (at("?") || at("+")) out_.pattern += in_[position_++];
    quantified_ = true;
  }

  std::optional<Interval> parse_interval() const {
    size_t i = position_ + 1;
    const auto digits = [&] {
      std::string text;
      while (i < in_.size() && std::isdigit(static_cast<unsigned char>(in_[i]))) text += in_[i++];
      return text;
    };
    Interval out;
    out.low = digits();
    if (i < in_.size() && in_[i] == ',') {
      ++i;
      out.high = digits();
    } else {
      out.high = out.low;
      out.fixed = true;
    }
    if (i >= in_.size() || in_[i] != '}' || (out.low.empty() && out.high.empty())) return {};
    if (out.low.empty()) out.low += '0';
    out.size = i + 1 - position_;
    return out;
  }

  // A "+" after an interval repeats it, a "?" after {n} makes it optional, {n,m} with n > m is
  // possessive.
  void interval() {
    auto found = atom_ ? parse_interval() : std::nullopt;
    if (!found) {
      atom("\\{");
      ++position_;
      return;
    }
    if (quantified_) wrap();
    position_ += found->size;
    const bool swapped = !found->high.empty() &&
                         (found->low.size() > found->high.size() ||
                          (found->low.size() == found->high.size() && found->low > found->high));
    if (swapped) std::swap(found->low, found->high);
    out_.pattern.append("{").append(found->low);
    if (!found->fixed) out_.pattern.append(",").append(found->high);
    out_.pattern.append("}");
    quantified_ = true;
    if (swapped) {
      out_.pattern += '+';
    } else if (at("?") && !found->fixed) {
      out_.pattern += '?';
      ++position_;
    }
  }

  void escape() {
    const char letter = position_ + 1 < in_.size() ? in_[position_ + 1] : '\0';
    if (const ClassItems set = escape_items(letter, false); !set.items.empty()) {
      position_ += 2;
      return atom(set.as_class());
    }
    const auto take = [&](size_t count) {
      const std::string_view text = in_.substr(position_, count);
      position_ += text.size();
      return text;
    };
    switch (letter) {
      case 'p':
      case 'P':
        if (in_.substr(position_ + 2).starts_with('{')) return property(letter == 'P');
        break;
      case 'b':
      case 'B':
        position_ += 2;
        return no_atom(boundary(letter == 'B'));
      case 'A':
      case 'Z':
      case 'z':
        return no_atom(take(2));
      case 'G':
        out_.uses_start = true;
        return no_atom(take(2));
      case 'K':
        return no_atom(take(2));
      case 'R':
      case 'X':
      case 'N':
        return atom(take(2));
      case 'O':
        position_ += 2;
        return atom("(?s:.)");
      case 'k':
      case 'g':
        return reference();
      case 'y':
      case 'Y':
        fail_unsupported(where_, "the pattern " + in_quotes(in_) + " with text segment boundaries",
                         "other expressions");
      default:
        break;
    }
    atom(translate_literal_escape(in_, position_, where_));
  }

  void property(bool negated) {
    const size_t end = in_.find('}', position_);
    if (end == std::string_view::npos) {
      fail_invalid(where_, "has the pattern " + in_quotes(in_) + " with an open property name",
                   "a regular expression");
    }
    const std::string_view name = in_.substr(position_ + 3, end - position_ - 3);
    position_ = end + 1;
    atom(property_items(name, negated).as_class());
  }

  static std::string boundary(bool negated) {
    const std::string word = escape_items('w', false).as_class();
    const std::string yes = "(?<=" + word + ")", no = "(?<!" + word + ")";
    const std::string then = "(?=" + word + ")", then_not = "(?!" + word + ")";
    if (negated) return "(?:" + yes + then + "|" + no + then_not + ")";
    return "(?:" + yes + then_not + "|" + no + then + ")";
  }

  void reference() {
    const size_t end = in_.find('>', position_);
    const size_t size = end == std::string_view::npos ? 2 : end + 1 - position_;
    atom(in_.substr(position_, size));
    position_ += size;
  }

  const std::string_view in_;
  const std::string_view where_;
  size_t position_ = 0;
  TranslatedPattern out_;
  std::vector<Group> groups_;
  size_t open_options_ = 0;     // inline options of this group that are to be closed with it
  std::optional<size_t> atom_;  // start in the output of what a quantifier would repeat
  bool quantified_ = false;     // the atom has its quantifier
};

}  // namespace

TranslatedPattern translate_pattern(std::string_view pattern, std::string_view where) {
  return Translator(pattern, where).run();
}

}  // namespace mlxa::tok
