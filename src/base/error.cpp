#include "mlxa/error.h"

#include <array>
#include <filesystem>
#include <new>
#include <utility>

namespace mlxa {
namespace {

// What a file says must not write to a terminal or a log but as the one line it is quoted in.
std::string one_line(std::string text) {
  if (text.size() > Error::kMaxMessageBytes) {
    size_t end = Error::kMaxMessageBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) end--;  // in UTF-8
    text.resize(end);
    text += "...";
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

}  // namespace

Error::Error(ErrorCode code, const std::string& message, std::string remedy)
    : std::runtime_error(one_line(message)), code_(code), remedy_(std::move(remedy)) {}

const ErrorInfo& error_info(ErrorCode code) noexcept {
  static constexpr std::array<ErrorInfo, 9> kTable{{
      {"internal", 1, 500},
      {"invalid_argument", 2, 400},
      {"not_found", 3, 404},
      {"invalid_file", 4, 422},
      {"unsupported", 5, 501},
      {"out_of_memory", 6, 503},
      {"context_full", 7, 413},
      {"io", 8, 500},
      {"cancelled", 130, 499},
  }};
  return kTable[static_cast<size_t>(code)];
}

ErrorCode error_code(const std::exception& error) noexcept {
  if (const auto* own = dynamic_cast<const Error*>(&error)) return own->code();
  if (dynamic_cast<const std::invalid_argument*>(&error)) return ErrorCode::kInvalidArgument;
  if (dynamic_cast<const std::out_of_range*>(&error)) return ErrorCode::kInvalidArgument;
  if (dynamic_cast<const std::bad_alloc*>(&error)) return ErrorCode::kOutOfMemory;
  if (dynamic_cast<const std::filesystem::filesystem_error*>(&error)) return ErrorCode::kIo;
  return ErrorCode::kInternal;
}

}  // namespace mlxa
