#include "mlxa/dtype.h"

#include <algorithm>

namespace mlxa {

Dtype::Kind kindof(const Dtype& dtype) {
  switch (dtype.val()) {
    case Dtype::Val::bool_:
      return Dtype::Kind::b;
    case Dtype::Val::uint8:
    case Dtype::Val::uint16:
    case Dtype::Val::uint32:
    case Dtype::Val::uint64:
      return Dtype::Kind::u;
    case Dtype::Val::int8:
    case Dtype::Val::int16:
    case Dtype::Val::int32:
    case Dtype::Val::int64:
      return Dtype::Kind::i;
    case Dtype::Val::bfloat16:
      return Dtype::Kind::V;
    case Dtype::Val::float16:
    case Dtype::Val::float32:
      break;
  }
  return Dtype::Kind::f;
}

namespace {

bool is_float(const Dtype& dtype) {
  return kindof(dtype) == Dtype::Kind::f || kindof(dtype) == Dtype::Kind::V;
}

Dtype signed_of_size(int bytes) {
  switch (bytes) {
    case 1:
      return int8;
    case 2:
      return int16;
    case 4:
      return int32;
    default:
      return int64;
  }
}

}  // namespace

Dtype promote_types(const Dtype& a, const Dtype& b) {
  if (a.val() == b.val()) return a;
  if (is_float(a) && is_float(b)) return float32;
  if (is_float(a)) return a;
  if (is_float(b)) return b;
  const Dtype::Kind ka = kindof(a), kb = kindof(b);
  if (ka == Dtype::Kind::b) return b;
  if (kb == Dtype::Kind::b) return a;
  if (ka == kb) return a.size() > b.size() ? a : b;
  const Dtype& with_sign = ka == Dtype::Kind::i ? a : b;
  const Dtype& without = ka == Dtype::Kind::i ? b : a;
  if (without.size() < with_sign.size()) return with_sign;
  // MLX, as NumPy, has no integer above uint64 with int64 and takes a float.
  if (without.size() == 8) return float32;
  return signed_of_size(2 * without.size());
}

bool issubdtype(const Dtype& a, const Dtype::Category& b) {
  switch (kindof(a)) {
    case Dtype::Kind::b:
      return b == generic;
    case Dtype::Kind::u:
      return issubdtype(unsignedinteger, b);
    case Dtype::Kind::i:
      return issubdtype(signedinteger, b);
    default:
      return issubdtype(floating, b);
  }
}

bool issubdtype(const Dtype::Category& a, const Dtype::Category& b) {
  if (a == b || b == generic) return true;
  switch (a) {
    case floating:
      return b == inexact || b == number;
    case signedinteger:
    case unsignedinteger:
      return b == integer || b == number;
    case inexact:
    case integer:
      return b == number;
    default:
      return false;
  }
}

bool issubdtype(const Dtype& a, const Dtype& b) { return a.val() == b.val(); }

std::string_view dtype_name(const Dtype& dtype) {
  constexpr std::string_view kNames[] = {"bool",   "uint8",   "uint16",  "uint32",
                                         "uint64", "int8",    "int16",   "int32",
                                         "int64",  "float16", "float32", "bfloat16"};
  return kNames[static_cast<size_t>(dtype.val())];
}

}  // namespace mlxa
