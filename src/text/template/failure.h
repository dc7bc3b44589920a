// The exception inside the interpreter; ChatTemplate turns it into mlxa::Error.
#pragma once

#include <exception>
#include <string>

namespace mlxa::jinja {

/// What went wrong, by the family of the reference's exception.
enum class FailureKind {
  kSyntax,       ///< The source does not parse.
  kUndefined,    ///< An operation on an undefined value.
  kSecurity,     ///< The sandbox forbids it.
  kRaised,       ///< The template called raise_exception.
  kType,         ///< A value of the wrong type.
  kValue,        ///< A value out of range.
  kRuntime,      ///< Any other failure while rendering.
  kLimit,        ///< A limit of limits.h.
  kUnsupported,  ///< Well-formed, but not implemented here.
};

struct Failure : std::exception {
  Failure(FailureKind kind, std::string message, int line = 0)
      : kind(kind), message(std::move(message)), line(line) {}
  const char* what() const noexcept override { return message.c_str(); }

  FailureKind kind;
  std::string message;
  int line;  ///< In the template's source; 0 where it is not known yet.
};

[[noreturn]] inline void fail(FailureKind kind, std::string message) {
  throw Failure(kind, std::move(message));
}
[[noreturn]] inline void type_error(std::string message) {
  throw Failure(FailureKind::kType, std::move(message));
}
[[noreturn]] inline void value_error(std::string message) {
  throw Failure(FailureKind::kValue, std::move(message));
}

}  // namespace mlxa::jinja
