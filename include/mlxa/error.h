// Errors: one enumeration that exceptions, exit codes, HTTP statuses and the C ABI share.
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace mlxa {

/// What went wrong, as far as a caller can act on it.
enum class ErrorCode {
  kInternal,         ///< A defect of this library.
  kInvalidArgument,  ///< The caller's value is out of range or does not fit; also shape errors of
                     ///< ops.
  kNotFound,         ///< No such file, directory, voice, tensor.
  kInvalidFile,      ///< A file is truncated, malformed or contradicts itself.
  kUnsupported,      ///< Well-formed, but nothing here implements it.
  kOutOfMemory,      ///< A limit on memory would be passed; nothing was changed.
  kContextFull,      ///< The prompt or conversation does not fit the model's context.
  kIo,               ///< Reading or writing failed: disk full, pipe closed, permission denied.
  kCancelled,        ///< The caller asked to stop.
};

/// The names and numbers that the outside sees for a code.
struct ErrorInfo {
  const char* name;  ///< Stable identifier, e.g. "not_found".
  int exit_code;     ///< Exit status of the command-line program.
  int http_status;   ///< Status of the HTTP server.
};

/// The one table that maps a code to its names and numbers.
const ErrorInfo& error_info(ErrorCode code) noexcept;

/// The exception of everything but argument checks. `what()` is one line "[where] what, got,
/// expected"; `remedy()` is one sentence that says what to do, possibly empty.
class Error : public std::runtime_error {
 public:
  /// `message` is what() says, one line; `remedy` one sentence or empty. Messages quote files and
  /// arguments: control characters become spaces, and one of more than kMaxMessageBytes is cut.
  Error(ErrorCode code, const std::string& message, std::string remedy = {});
  /// The longest what(), but for the "..." where it was cut.
  static constexpr size_t kMaxMessageBytes = 800;

  /// What went wrong, for programs.
  ErrorCode code() const noexcept { return code_; }
  /// What to do about it, for people; possibly empty.
  const std::string& remedy() const noexcept { return remedy_; }

 private:
  ErrorCode code_;
  std::string remedy_;
};

/// The code of any exception: an Error's own; kInvalidArgument for std::invalid_argument and
/// std::out_of_range (the types that array operations throw, as MLX's do); kOutOfMemory for
/// std::bad_alloc; kIo for std::filesystem::filesystem_error; kInternal otherwise.
ErrorCode error_code(const std::exception& error) noexcept;

}  // namespace mlxa
