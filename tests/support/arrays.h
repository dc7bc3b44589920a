// Arrays as tests see them: values through strides, and files of reference arrays. Needs no
// kernels.
#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "mlxa/array.h"

namespace mlxa::test {

/// The elements of an array in C order, evaluated first, as long double (which holds every
/// integer).
inline std::vector<long double> values(const array& a) {
  a.eval();
  std::vector<long double> out;
  std::vector<int> index(a.ndim(), 0);
  for (size_t n = 0; n < a.size(); n++) {
    int64_t at = 0;
    for (size_t i = 0; i < index.size(); i++) at += index[i] * a.strides()[i];
    out.push_back(detail::dispatch_all(a.dtype(), [&](auto tag) -> long double {
      using T = decltype(tag);
      const T value = a.data<T>()[at];
      if constexpr (std::is_arithmetic_v<T>) {
        return static_cast<long double>(value);
      } else {
        return static_cast<long double>(static_cast<float>(value));
      }
    }));
    for (size_t i = index.size(); i-- > 0;) {
      if (++index[i] < a.shape()[i]) break;
      index[i] = 0;
    }
  }
  return out;
}

inline Dtype dtype_of(const std::string& name) {
  for (Dtype dtype : {bool_, uint8, uint16, uint32, uint64, int8, int16, int32, int64, float16,
                      float32, bfloat16}) {
    if (dtype_name(dtype) == name) return dtype;
  }
  throw std::invalid_argument("no type " + name);
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

inline nlohmann::json read_json(const std::string& path) {
  return nlohmann::json::parse(read_file(path));
}

/// The tensors of one of our own safetensors files.
inline std::map<std::string, array> read_tensors(const std::string& path) {
  const std::map<std::string, Dtype> types{{"BOOL", bool_},  {"U8", uint8},    {"U16", uint16},
                                           {"U32", uint32},  {"U64", uint64},  {"I8", int8},
                                           {"I16", int16},   {"I32", int32},   {"I64", int64},
                                           {"F16", float16}, {"F32", float32}, {"BF16", bfloat16}};
  const std::string file = read_file(path);
  uint64_t header = 0;
  std::memcpy(&header, file.data(), sizeof(header));
  const auto table = nlohmann::json::parse(file.substr(sizeof(header), header));
  std::map<std::string, array> out;
  for (const auto& [name, entry] : table.items()) {
    if (name == "__metadata__") continue;
    array a = array::uninitialized(entry.at("shape").get<Shape>(),
                                   types.at(entry.at("dtype").get<std::string>()));
    const size_t begin = entry.at("data_offsets").at(0).get<size_t>();
    std::memcpy(a.data<void>(), file.data() + sizeof(header) + header + begin, a.nbytes());
    out.emplace(name, a);
  }
  return out;
}

}  // namespace mlxa::test
