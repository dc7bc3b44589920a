// Reading the components of a tokenizer file: limits, errors, typed access to JSON members.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace mlxa::tok {

using Json = nlohmann::json;

inline constexpr size_t kMaxFileBytes = size_t{512} << 20;
inline constexpr size_t kMaxNesting = 64;
inline constexpr int64_t kMaxTokenId = (int64_t{1} << 24) - 1;
/// Texts that are encoded, and what normalizers and decoders may make of a text.
inline constexpr size_t kMaxTextBytes = size_t{256} << 20;

/// Throws Error kInvalidFile "[tokenizer] WHERE GOT, expected EXPECTED".
[[noreturn]] void fail_invalid(std::string_view where, std::string_view got,
                               std::string_view expected);
/// Throws Error kUnsupported "[tokenizer] WHERE is WHAT, expected EXPECTED".
[[noreturn]] void fail_unsupported(std::string_view where, std::string_view what,
                                   std::string_view expected);
/// Throws Error kInvalidArgument if a text of `bytes` is longer than kMaxTextBytes.
void check_text_size(size_t bytes);

/// A text from a file as it may stand in an error message: quoted, on one line, shortened.
std::string in_quotes(std::string_view text);

/// One JSON object and its place in the file, for messages. Every getter throws kInvalidFile where
/// the value has another type; members that are null count as absent.
class Fields {
 public:
  Fields(const Json& value, std::string where);

  const std::string& where() const { return where_; }
  std::string where(std::string_view key) const { return where_ + "." + std::string(key); }
  /// Null where absent.
  const Json* find(const char* key) const;
  const Json& at(const char* key) const;

  std::string string(const char* key) const;
  std::optional<std::string> optional_string(const char* key) const;
  bool boolean(const char* key, bool otherwise) const;
  int64_t integer(const char* key, int64_t low, int64_t high) const;
  int64_t integer_or(const char* key, int64_t low, int64_t high, int64_t otherwise) const;
  const Json& array(const char* key) const;
  /// Exactly one code point.
  std::string character(const char* key) const;

 private:
  const Json& object_;
  std::string where_;
};

int64_t to_integer(const Json& value, const std::string& where, int64_t low, int64_t high);

/// The member "type" of a component, which must be an object.
std::string component_type(const Json& value, const std::string& where);

}  // namespace mlxa::tok
