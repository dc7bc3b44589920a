#include "text/template/text_search.h"

#include <algorithm>

#include <string.h>

#include "text/template/python.h"
#include "text/template/unicode.h"

namespace mlxa::jinja {

namespace {

// memmem looks at up to this many bytes of the needle at each place before it turns to an
// algorithm that never looks back.
constexpr size_t kSearchBytes = 256;
constexpr size_t kSearchedPerStep = 16 * kBytesPerStep;

std::string reversed(std::string_view text) { return {text.rbegin(), text.rend()}; }

void add_piece(std::vector<std::string>& pieces, std::string_view piece) {
  if (pieces.size() >= kMaxItems) fail(FailureKind::kLimit, "list too long");
  pieces.emplace_back(piece);
}

// replace with an empty `from`: `to` goes between all characters and at both ends.
std::string interleave(std::string_view text, std::string_view to, int64_t count) {
  std::string out;
  size_t offset = 0;
  for (int64_t done = 0; count < 0 || done < count; done++) {
    out += to;
    if (out.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
    if (offset == text.size()) break;
    size_t start = offset;
    next_code_point(text, offset);
    out += text.substr(start, offset - start);
  }
  return out += text.substr(offset);
}

std::vector<std::string> split_space(std::string_view text, int64_t limit) {
  std::vector<std::string> pieces;
  text = strip_space_left(text);
  while (!text.empty()) {
    if (limit >= 0 && static_cast<int64_t>(pieces.size()) == limit) {
      add_piece(pieces, strip_space_right(text));
      break;
    }
    size_t end = 0;
    while (end < text.size()) {
      size_t next = end;
      if (is_space(next_code_point(text, next))) break;
      end = next;
    }
    add_piece(pieces, text.substr(0, end));
    text = strip_space_left(text.substr(end));
  }
  return pieces;
}

// The start of the last run of characters that are not white space.
size_t last_word(std::string_view text) {
  while (!text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xC0) == 0x80) last--;
    size_t next = last;
    if (is_space(next_code_point(text, next))) break;
    text = text.substr(0, last);
  }
  return text.size();
}

std::vector<std::string> rsplit_space(std::string_view text, int64_t limit) {
  std::vector<std::string> pieces;
  text = strip_space_right(text);
  while (!text.empty()) {
    if (limit >= 0 && static_cast<int64_t>(pieces.size()) == limit) {
      add_piece(pieces, strip_space_left(text));
      break;
    }
    size_t start = last_word(text);
    add_piece(pieces, text.substr(start));
    text = strip_space_right(text.substr(0, start));
  }
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

}  // namespace

size_t find_text(std::string_view text, std::string_view needle, size_t from) {
  if (from > text.size()) return text.npos;
  if (needle.empty()) return from;
  const char* start = text.data() + from;
  const void* found = memmem(start, text.size() - from, needle.data(), needle.size());
  size_t at =
      found ? static_cast<size_t>(static_cast<const char*>(found) - text.data()) : text.npos;
  size_t passed = std::min(at, text.size()) - from + needle.size();
  Budget::steps(1 + passed * std::min(needle.size(), kSearchBytes) / kSearchedPerStep);
  return at;
}

size_t rfind_text(std::string_view text, std::string_view needle) {
  size_t found = find_text(reversed(text), reversed(needle));
  return found == text.npos ? found : text.size() - needle.size() - found;
}

std::string replace_text(std::string_view text, std::string_view from, std::string_view to,
                         int64_t count) {
  Budget::work(text.size());
  if (from.empty()) return interleave(text, to, count);
  std::string out;
  size_t start = 0;
  for (int64_t done = 0; count < 0 || done < count; done++) {
    size_t found = find_text(text, from, start);
    if (found == text.npos) break;
    out += text.substr(start, found - start);
    out += to;
    if (out.size() > kMaxStringBytes) fail(FailureKind::kLimit, "string too long");
    start = found + from.size();
  }
  return out += text.substr(start);
}

std::vector<std::string> split_text(std::string_view text, std::string_view separator,
                                    int64_t limit) {
  Budget::scan(text.size());
  if (separator.empty()) return split_space(text, limit);
  std::vector<std::string> pieces;
  size_t start = 0;
  while (limit < 0 || static_cast<int64_t>(pieces.size()) < limit) {
    size_t found = find_text(text, separator, start);
    if (found == text.npos) break;
    add_piece(pieces, text.substr(start, found - start));
    start = found + separator.size();
  }
  add_piece(pieces, text.substr(start));
  return pieces;
}

std::vector<std::string> rsplit_text(std::string_view text, std::string_view separator,
                                     int64_t limit) {
  Budget::scan(text.size());
  if (separator.empty()) return rsplit_space(text, limit);
  std::vector<std::string> pieces = split_text(reversed(text), reversed(separator), limit);
  std::reverse(pieces.begin(), pieces.end());
  for (std::string& piece : pieces) std::reverse(piece.begin(), piece.end());
  return pieces;
}

std::vector<std::string> split_lines(std::string_view text, bool keep_ends) {
  Budget::scan(text.size());
  std::vector<std::string> lines;
  size_t start = 0;
  for (size_t offset = 0; offset < text.size();) {
    size_t end = offset;
    char32_t c = next_code_point(text, offset);
    if (!is_line_break(c)) continue;
    if (c == U'\r' && offset < text.size() && text[offset] == '\n') offset++;
    add_piece(lines, text.substr(start, (keep_ends ? offset : end) - start));
    start = offset;
  }
  if (start < text.size()) add_piece(lines, text.substr(start));
  return lines;
}

std::string strip_text(const Value& text, const Value& characters, bool left, bool right) {
  std::string_view rest = text.text();
  Budget::scan(rest.size());
  if (characters.is_missing() || characters.is_none()) {
    if (left) rest = strip_space_left(rest);
    if (right) rest = strip_space_right(rest);
    return std::string(rest);
  }
  if (!characters.is_str()) type_error("strip arg must be None or str");
  std::u32string set = to_utf32(characters.text());
  auto listed = [&set](char32_t c) { return set.find(c) != set.npos; };
  std::u32string points = to_utf32(rest);
  Budget::work(points.size() * std::min<size_t>(set.size(), kBytesPerStep));
  size_t start = 0;
  size_t end = points.size();
  while (left && start < end && listed(points[start])) start++;
  while (right && end > start && listed(points[end - 1])) end--;
  return to_utf8(std::u32string_view(points).substr(start, end - start));
}

std::string center_text(const Str& text, int64_t width, std::string_view fill) {
  auto size = static_cast<int64_t>(text.length);
  if (width <= size) return text.text;
  int64_t missing = width - size;
  if (missing > static_cast<int64_t>(kMaxStringBytes)) {
    fail(FailureKind::kLimit, "string too long");
  }
  int64_t left = missing / 2 + (missing & width & 1);
  std::string out;
  for (int64_t i = 0; i < left; i++) out += fill;
  out += text.text;
  for (int64_t i = left; i < missing; i++) out += fill;
  return out;
}

}  // namespace mlxa::jinja
