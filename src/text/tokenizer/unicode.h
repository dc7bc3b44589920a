// UTF-8 and the Unicode properties that tokenizer files refer to.
//
// Versions: general categories follow Unicode 16 and normal forms Unicode 9, as in the reference
// (unicode_tables.h corrects the libraries). Case mappings are utf8proc's (Unicode 15 in version
// 2.8); the reference's are those of Unicode 17 and differ on some 50 recent letters. Grapheme
// clusters (\X) are PCRE2's.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mlxa::tok {

inline constexpr std::string_view kReplacementCharacter = "\xEF\xBF\xBD";

/// Length of the UTF-8 sequence that `lead` starts; 1 for anything that starts none.
size_t sequence_length(unsigned char lead);

/// The code point at `position`, which moves past it. The text must be valid UTF-8.
char32_t next_code_point(std::string_view text, size_t& position);

/// Start of the code point that ends at `end` > 0. The text must be valid UTF-8.
size_t previous_boundary(std::string_view text, size_t end);

void append_utf8(std::string& text, char32_t code_point);

bool is_valid_utf8(std::string_view text);

/// Passes valid UTF-8 through and turns every maximal ill-formed part into one U+FFFD, across
/// calls.
class Utf8Repairer {
 public:
  /// Appends to `out` all that `bytes` decides; an unfinished character waits for the next call.
  void append(std::string_view bytes, std::string& out);
  /// An unfinished character becomes U+FFFD.
  void finish(std::string& out);

 private:
  char pending_[4];
  size_t pending_size_ = 0;
  size_t missing_ = 0;
  unsigned char low_ = 0x80, high_ = 0xBF;  // bounds of the next continuation byte
};

std::string repair_utf8(std::string_view text);

/// Two letters, such as "Lu"; "Cn" for unassigned code points.
const char* category(char32_t c);
/// The property White_Space.
bool is_space(char32_t c);
/// Nd, Nl and No.
bool is_numeric(char32_t c);
/// Letters, marks, decimal numbers, connectors and joiners: \w of UTS 18.
bool is_word(char32_t c);
/// ASCII punctuation and symbols, and category P as the reference's splitters know it.
bool is_punctuation(char32_t c);
/// Category M as the reference's accent stripping knows it.
bool is_mark(char32_t c);
/// The ideographs that BERT isolates.
bool is_ideograph(char32_t c);

enum class NormalForm { kNfc, kNfd, kNfkc, kNfkd };

/// In time that is linear but for sorting runs of combining marks.
std::string normalize(std::string_view text, NormalForm form);

/// Code point by code point, without context (no final sigma).
std::string lowercase(std::string_view text);

}  // namespace mlxa::tok
