// Element types of arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mlxa/half.h"

namespace mlxa {

/// An element type: a value, compared by `val()`. Names, sizes and promotion follow MLX.
class Dtype {
 public:
  /// The types, by MLX's names.
  enum class Val : uint8_t {
    bool_,
    uint8,
    uint16,
    uint32,
    uint64,
    int8,
    int16,
    int32,
    int64,
    float16,
    float32,
    bfloat16,
  };

  /// Kinds as NumPy spells them: 'b' boolean, 'u' unsigned, 'i' signed, 'f' float, 'V' bfloat16.
  enum class Kind : char { b = 'b', u = 'u', i = 'i', f = 'f', V = 'V' };

  /// The abstract types of the promotion lattice.
  enum class Category : uint8_t {
    floating,
    inexact,
    signedinteger,
    unsignedinteger,
    integer,
    number,
    generic,
  };

  /// For the constants below; programs use these.
  constexpr Dtype(Val val, uint8_t size) : val_(val), size_(size) {}
  /// As val(), so that types compare and switch.
  constexpr operator Val() const { return val_; }
  /// Which type it is.
  constexpr Val val() const { return val_; }
  /// Bytes of one element.
  constexpr uint8_t size() const { return size_; }

 private:
  Val val_;
  uint8_t size_;
};

/// The element types.
inline constexpr Dtype bool_{Dtype::Val::bool_, 1};
inline constexpr Dtype uint8{Dtype::Val::uint8, 1};
inline constexpr Dtype uint16{Dtype::Val::uint16, 2};
inline constexpr Dtype uint32{Dtype::Val::uint32, 4};
inline constexpr Dtype uint64{Dtype::Val::uint64, 8};
inline constexpr Dtype int8{Dtype::Val::int8, 1};
inline constexpr Dtype int16{Dtype::Val::int16, 2};
inline constexpr Dtype int32{Dtype::Val::int32, 4};
inline constexpr Dtype int64{Dtype::Val::int64, 8};
inline constexpr Dtype float16{Dtype::Val::float16, 2};
inline constexpr Dtype float32{Dtype::Val::float32, 4};
inline constexpr Dtype bfloat16{Dtype::Val::bfloat16, 2};

/// The abstract types; see issubdtype.
inline constexpr Dtype::Category floating = Dtype::Category::floating;
inline constexpr Dtype::Category inexact = Dtype::Category::inexact;
inline constexpr Dtype::Category signedinteger = Dtype::Category::signedinteger;
inline constexpr Dtype::Category unsignedinteger = Dtype::Category::unsignedinteger;
inline constexpr Dtype::Category integer = Dtype::Category::integer;
inline constexpr Dtype::Category number = Dtype::Category::number;
inline constexpr Dtype::Category generic = Dtype::Category::generic;

/// Bytes of one element.
constexpr uint8_t size_of(const Dtype& dtype) { return dtype.size(); }

/// NumPy's kind letter of a type.
Dtype::Kind kindof(const Dtype& dtype);

/// The smallest type that holds both under MLX's promotion: integers widen, an unsigned and a
/// signed integer go to the next wider signed one, an integer with a float goes to that float,
/// float16 with bfloat16 to float32.
Dtype promote_types(const Dtype& a, const Dtype& b);

/// Whether `a` lies below category `b`, e.g. issubdtype(float16, floating).
bool issubdtype(const Dtype& a, const Dtype::Category& b);
bool issubdtype(const Dtype::Category& a, const Dtype::Category& b);
bool issubdtype(const Dtype& a, const Dtype& b);

/// "float32", "bfloat16", ...
std::string_view dtype_name(const Dtype& dtype);

/// The Dtype of a C++ element type, as `value`. Doubles become float32, as in MLX.
template <class T>
struct TypeToDtype;

/// @cond
template <>
struct TypeToDtype<bool> {
  static constexpr Dtype value = bool_;
};
template <>
struct TypeToDtype<uint8_t> {
  static constexpr Dtype value = uint8;
};
template <>
struct TypeToDtype<uint16_t> {
  static constexpr Dtype value = uint16;
};
template <>
struct TypeToDtype<uint32_t> {
  static constexpr Dtype value = uint32;
};
template <>
struct TypeToDtype<uint64_t> {
  static constexpr Dtype value = uint64;
};
template <>
struct TypeToDtype<int8_t> {
  static constexpr Dtype value = int8;
};
template <>
struct TypeToDtype<int16_t> {
  static constexpr Dtype value = int16;
};
template <>
struct TypeToDtype<int32_t> {
  static constexpr Dtype value = int32;
};
template <>
struct TypeToDtype<int64_t> {
  static constexpr Dtype value = int64;
};
template <>
struct TypeToDtype<float16_t> {
  static constexpr Dtype value = float16;
};
template <>
struct TypeToDtype<float> {
  static constexpr Dtype value = float32;
};
template <>
struct TypeToDtype<double> {
  static constexpr Dtype value = float32;
};
template <>
struct TypeToDtype<bfloat16_t> {
  static constexpr Dtype value = bfloat16;
};
/// @endcond

}  // namespace mlxa
