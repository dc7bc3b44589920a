#include "text/tokenizer/byte_level.h"

#include <array>
#include <cstdint>

#include "text/tokenizer/unicode.h"

namespace mlxa::tok {
namespace {

struct Alphabet {
  std::array<std::array<char, 2>, 256> characters{};
  std::array<uint8_t, 256> sizes{};
  std::array<int16_t, 0x144> bytes{};  // by code point; -1 for none

  // Printable Latin-1 characters stand for themselves, the other 68 bytes follow from U+0100 on.
  constexpr Alphabet() {
    bytes.fill(-1);
    unsigned next = 0x100;
    for (unsigned byte = 0; byte < 256; ++byte) {
      const bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
      const unsigned c = printable ? byte : next++;
      bytes[c] = static_cast<int16_t>(byte);
      sizes[byte] = c < 0x80 ? 1 : 2;
      characters[byte][0] = static_cast<char>(c < 0x80 ? c : 0xC0 | c >> 6);
      characters[byte][1] = static_cast<char>(0x80 | (c & 0x3F));
    }
  }
};

constexpr Alphabet kAlphabet;

}  // namespace

void append_byte_characters(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.append(kAlphabet.characters[byte].data(), kAlphabet.sizes[byte]);
  }
}

void append_token_bytes(std::string& out, std::string_view token) {
  const size_t before = out.size();
  for (size_t i = 0; i < token.size();) {
    const char32_t c = next_code_point(token, i);
    if (c >= kAlphabet.bytes.size() || kAlphabet.bytes[c] < 0) {
      out.resize(before);
      out += token;
      return;
    }
    out.push_back(static_cast<char>(kAlphabet.bytes[c]));
  }
}

}  // namespace mlxa::tok
