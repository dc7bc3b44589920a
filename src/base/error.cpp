#include "mlxa/error.h"

#include <array>
#include <new>

namespace mlxa {

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
  return ErrorCode::kInternal;
}

}  // namespace mlxa
