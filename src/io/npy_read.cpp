// NumPy's .npy, read. Its header is a Python dictionary of three keys, and untrusted.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "mlxa/error.h"
#include "mlxa/io.h"
#include "mlxa/ops.h"

#include "base/mapped_file.h"
#include "io/file_array.h"

namespace mlxa {
namespace {

constexpr size_t kMaxHeaderBytes = 1 << 20;
constexpr size_t kMaxDims = 64;  // NumPy's own limit

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw Error(ErrorCode::kInvalidFile, "[npy] " + file.string() + ": " + what,
              "The file is damaged or no .npy: write it again with numpy.save.");
}

// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } in any order of keys.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::filesystem::path& file)
      : text_(text), file_(file) {
    expect('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr") {
        once(descr_).emplace(quoted());
      } else if (key == "fortran_order") {
        once(fortran_order_).emplace(boolean());
      } else if (key == "shape") {
        once(shape_).emplace(dimensions());
      } else {
        broken();
      }
      if (accept(',')) continue;
      expect('}');
      break;
    }
    if (!descr_ || !fortran_order_ || !shape_ || !rest().empty()) broken();
  }

  std::string_view descr() const { return *descr_; }
  bool fortran_order() const { return *fortran_order_; }
  const Shape& shape() const { return *shape_; }

 private:
  [[noreturn]] void broken() const {
    fail(file_, "the header is not what NumPy writes, at its character " + std::to_string(at_));
  }
  std::string_view rest() {
    at_ = std::min(text_.find_first_not_of(" \t\n", at_), text_.size());
    return text_.substr(at_);
  }
  bool accept(char c) {
    if (!rest().starts_with(c)) return false;
    at_++;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) broken();
  }
  template <class T>
  std::optional<T>& once(std::optional<T>& value) const {
    if (value) broken();
    return value;
  }
  std::string_view quoted() {
    const bool twice = accept('"');
    if (!twice) expect('\'');
    const size_t begin = at_;
    at_ = std::min(text_.find(twice ? '"' : '\'', at_), text_.size());
    if (at_ == text_.size()) broken();
    return text_.substr(begin, at_++ - begin);
  }
  bool boolean() {
    for (const std::string_view word : {"True", "False"}) {
      if (!rest().starts_with(word)) continue;
      at_ += word.size();
      return word == "True";
    }
    broken();
  }
  Shape dimensions() {
    Shape shape;
    expect('(');
    while (!accept(')')) {
      const std::string_view digits = rest();
      ShapeElem dim = 0;
      const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), dim);
      if (status != std::errc() || dim < 0 || shape.size() == kMaxDims) broken();
      at_ += static_cast<size_t>(end - digits.data());
      shape.push_back(dim);
      if (accept(',')) continue;
      if (shape.size() == 1) broken();  // (3) is a number, (3,) a tuple
      expect(')');
      break;
    }
    return shape;
  }

  std::string_view text_;
  const std::filesystem::path& file_;
  size_t at_ = 0;
  std::optional<std::string_view> descr_;
  std::optional<bool> fortran_order_;
  std::optional<Shape> shape_;
};

// A type as NumPy spells it after the byte order.
Dtype dtype_of(std::string_view descr, const std::filesystem::path& file) {
  constexpr std::pair<std::string_view, Dtype> kTypes[] = {
      {"b1", bool_}, {"u1", uint8}, {"u2", uint16}, {"u4", uint32},  {"u8", uint64},  {"i1", int8},
      {"i2", int16}, {"i4", int32}, {"i8", int64},  {"f2", float16}, {"f4", float32},
  };
  for (const auto& [name, dtype] : kTypes) {
    if (descr.size() == 3 && descr.substr(1) == name) return dtype;
  }
  throw Error(ErrorCode::kUnsupported,
              "[npy] " + file.string() + " has values of type " + std::string(descr),
              "Convert them to float32 or an integer type.");
}

// The bytes of a header's length, and where the header begins.
struct Prefix {
  size_t header_begin, header_bytes;
};

Prefix read_prefix(const MappedFile& mapped) {
  constexpr size_t kMagic = 6, kVersion = 2;
  const auto byte = [&](size_t i) { return static_cast<size_t>(mapped.data()[i]); };
  const bool magic = mapped.size() >= kMagic + kVersion + 4 &&
                     std::memcmp(mapped.data(), "\x93NUMPY", kMagic) == 0;
  if (!magic) fail(mapped.path(), "is no .npy file");
  const size_t major = byte(6);
  if (major < 1 || major > 3 || byte(7) != 0) fail(mapped.path(), "is of an unknown version");
  size_t length = byte(8) | byte(9) << 8;
  if (major > 1) length |= byte(10) << 16 | byte(11) << 24;
  const size_t begin = kMagic + kVersion + (major == 1 ? 2 : 4);
  if (length > kMaxHeaderBytes || length > mapped.size() - begin) {
    fail(mapped.path(), "the header claims " + std::to_string(length) + " bytes, the file has " +
                            std::to_string(mapped.size()));
  }
  return {begin, length};
}

array swap_bytes(const array& a) {
  array out = array::uninitialized(a.shape(), a.dtype());
  const size_t width = a.dtype().size();
  const auto* from = a.data<char>();
  auto* to = out.data<char>();
  for (size_t i = 0; i < a.nbytes(); i += width) {
    std::reverse_copy(from + i, from + i + width, to + i);
  }
  return out;
}

}  // namespace

array load(const std::filesystem::path& file) {
  const auto mapped = MappedFile::open(file, /*map=*/false);
  const Prefix prefix = read_prefix(*mapped);
  const auto* text = reinterpret_cast<const char*>(mapped->data()) + prefix.header_begin;
  const HeaderParser header({text, prefix.header_bytes}, file);
  const Dtype dtype = dtype_of(header.descr(), file);
  const char order = header.descr()[0];
  if (order != '<' && order != '>' && order != '|' && order != '=') {
    fail(file, "has values of an unknown byte order");
  }
  size_t bytes = dtype.size();
  for (const ShapeElem dim : header.shape()) {
    if (__builtin_mul_overflow(bytes, static_cast<size_t>(dim), &bytes)) {
      fail(file, "has an impossible shape");
    }
  }
  const size_t begin = prefix.header_begin + prefix.header_bytes;
  if (mapped->size() - begin != bytes) {
    fail(file, "has " + std::to_string(mapped->size() - begin) +
                   " bytes of values, its shape and type need " + std::to_string(bytes));
  }
  Shape shape = header.shape();
  if (header.fortran_order()) std::reverse(shape.begin(), shape.end());
  array values = io::file_array(mapped, mapped->data() + begin, shape, dtype);
  if (order == '>' && dtype.size() > 1) values = swap_bytes(values);
  return header.fortran_order() ? transpose(values) : values;
}

}  // namespace mlxa
