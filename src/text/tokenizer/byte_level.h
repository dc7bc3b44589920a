// The alphabet of byte-level models: every byte as one printable character.
#pragma once

#include <string>
#include <string_view>

namespace mlxa::tok {

/// Appends the characters of `bytes`.
void append_byte_characters(std::string& out, std::string_view bytes);

/// Appends the bytes of a token: those its characters stand for if all of them are in the alphabet,
/// its own UTF-8 bytes otherwise.
void append_token_bytes(std::string& out, std::string_view token);

}  // namespace mlxa::tok
