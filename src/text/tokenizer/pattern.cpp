#include "text/tokenizer/pattern.h"

namespace mlxa::tok {

Pattern Pattern::from_json(const Json& value, const std::string& where) {
  const Fields fields(value, where);
  if (fields.find("Regex") != nullptr) return regex(fields.string("Regex"), where);
  Pattern pattern;
  std::string literal = fields.string("String");
  if (literal.empty()) return regex("", where);
  pattern.literal_ = std::move(literal);
  return pattern;
}

Pattern Pattern::regex(std::string_view text, std::string_view where) {
  Pattern pattern;
  pattern.regex_.emplace(text, where);
  return pattern;
}

Cutter::Cutter(const Pattern& pattern) : pattern_(pattern) {
  if (pattern.regex_) search_.emplace(*pattern.regex_);
}

void Cutter::cut(std::string_view text, std::vector<Cut>& cuts) {
  if (text.empty()) {
    cuts.push_back({0, 0, false});
    return;
  }
  size_t done = 0;
  const auto match = [&](size_t begin, size_t end) {
    if (begin != done) cuts.push_back({done, begin, false});
    cuts.push_back({begin, end, true});
    done = end;
  };
  if (search_) {
    size_t begin = 0, end = 0;
    search_->start(text);
    while (search_->next(begin, end)) match(begin, end);
  } else {
    const std::string& literal = *pattern_.literal();
    for (size_t at = text.find(literal); at != std::string_view::npos;
         at = text.find(literal, done)) {
      match(at, at + literal.size());
    }
  }
  if (done != text.size()) cuts.push_back({done, text.size(), false});
}

std::string replace_matches(std::string_view text, const std::vector<Cut>& cuts,
                            std::string_view content) {
  size_t size = 0;
  for (const Cut& cut : cuts) {
    size += cut.is_match ? content.size() : cut.end - cut.begin;
    check_text_size(size);
  }
  std::string out;
  out.reserve(size);
  for (const Cut& cut : cuts) {
    out += cut.is_match ? content : text.substr(cut.begin, cut.end - cut.begin);
  }
  return out;
}

}  // namespace mlxa::tok
