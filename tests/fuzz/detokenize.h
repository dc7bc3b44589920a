// What the streaming detokenizer promises.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "mlxa/tokenizer.h"

#include "fuzz/fuzz.h"

namespace mlxa::fuzz {

/// Whether `text` is UTF-8: shortest forms only, no surrogates, nothing above U+10FFFF.
inline bool valid_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t k) {
      return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u;
    };
    const unsigned first = byte(0);
    const size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4) return false;
    for (size_t k = 1; k < length; k++) {
      if ((byte(k) & 0xc0) != 0x80) return false;
    }
    if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f)) return false;
    if ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f)) return false;
    i += length;
  }
  return true;
}

/// Decodes `ids` at once and as a stream: the pieces are whole characters, and together the text.
inline void check_streaming(const Tokenizer& tokenizer, std::span<const int32_t> ids,
                            bool skip_special) {
  const std::string whole = tokenizer.decode(ids, skip_special);
  require(valid_utf8(whole), "decoded text is UTF-8");
  StreamingDetokenizer stream(tokenizer, skip_special);
  std::string pieces;
  for (const int32_t id : ids) {
    const std::string piece = stream.add(id);
    require(valid_utf8(piece), "a piece is whole characters");
    pieces += piece;
  }
  const std::string rest = stream.finish();
  require(valid_utf8(rest), "the rest is whole characters");
  require(pieces + rest == whole, "the pieces are the text");
}

}  // namespace mlxa::fuzz
