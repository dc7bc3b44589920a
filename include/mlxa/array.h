// The array: a value that names the result of a computation, evaluated when somebody looks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <type_traits>
#include <vector>

#include "mlxa/dtype.h"
#include "mlxa/stream.h"

namespace mlxa {

class Primitive;
struct ArrayDesc;
struct Node;
struct Buffer;

/// Length of an axis, lengths of all axes, and steps from one element to the next along each axis.
using ShapeElem = int32_t;
using Shape = std::vector<ShapeElem>;
using Strides = std::vector<int64_t>;

/// What becomes an array of one element where an operation takes a number.
template <class T>
concept Scalar =
    std::is_arithmetic_v<T> || std::is_same_v<T, float16_t> || std::is_same_v<T, bfloat16_t>;

/// Frees memory that was handed to an array.
using Deleter = std::function<void(void*)>;

namespace detail {
/// Calls fn with a value of the C++ type of `dtype`.
template <class F>
decltype(auto) dispatch_all(const Dtype& dtype, F&& fn) {
  switch (dtype.val()) {
    case Dtype::Val::bool_:
      return fn(bool{});
    case Dtype::Val::uint8:
      return fn(uint8_t{});
    case Dtype::Val::uint16:
      return fn(uint16_t{});
    case Dtype::Val::uint32:
      return fn(uint32_t{});
    case Dtype::Val::uint64:
      return fn(uint64_t{});
    case Dtype::Val::int8:
      return fn(int8_t{});
    case Dtype::Val::int16:
      return fn(int16_t{});
    case Dtype::Val::int32:
      return fn(int32_t{});
    case Dtype::Val::int64:
      return fn(int64_t{});
    case Dtype::Val::float16:
      return fn(float16_t{});
    case Dtype::Val::bfloat16:
      return fn(bfloat16_t{});
    case Dtype::Val::float32:
      break;
  }
  return fn(float{});
}
}  // namespace detail

/// An n-dimensional array. A handle: copies share one node of the graph and, once evaluated, one
/// buffer. Operations never change their inputs. Building graphs and reading evaluated arrays is
/// safe from several threads; so is eval.
class array {
 public:
  /// How the elements lie in memory, as MLX defines it.
  struct Flags {
    bool contiguous : 1;      ///< No gaps: data_size elements back to back, in some order, maybe
                              ///< repeated by broadcasting.
    bool row_contiguous : 1;  ///< C order without gaps.
    bool col_contiguous : 1;  ///< Fortran order without gaps.
  };

  /// A scalar.
  template <Scalar T>
  explicit array(T value, Dtype dtype = TypeToDtype<T>::value)
      : array(uninitialized(Shape{}, dtype)) {
    detail::dispatch_all(dtype, [&](auto tag) {
      *static_cast<decltype(tag)*>(raw_data(true)) = static_cast<decltype(tag)>(value);
    });
  }

  /// A vector.
  template <class T>
  array(std::initializer_list<T> data, Dtype dtype = TypeToDtype<T>::value)
      : array(data.begin(), Shape{static_cast<ShapeElem>(data.size())}, dtype) {}

  /// An array of a shape, its elements copied from an iterator in C order. Throws
  /// std::invalid_argument where an initializer list does not fit the shape.
  template <class T>
  array(std::initializer_list<T> data, const Shape& shape, Dtype dtype = TypeToDtype<T>::value)
      : array(checked(data, shape), shape, dtype) {}
  /// The same from an iterator alone, which must reach as many elements as the shape has.
  template <class It>
  requires requires(It it) { *it; }
  array(It data, const Shape& shape,
        Dtype dtype = TypeToDtype<typename std::iterator_traits<It>::value_type>::value)
      : array(uninitialized(shape, dtype)) {
    fill_from(data);
  }

  /// Memory that the caller hands over, in C order: `deleter` frees it with the last array on it.
  array(void* data, const Shape& shape, Dtype dtype, const Deleter& deleter);

  /// The result of a primitive; its inputs must outlive nothing: the node holds them.
  array(const Shape& shape, Dtype dtype, std::shared_ptr<Primitive> primitive,
        std::vector<array> inputs);

  /// The results of a primitive with several outputs.
  static std::vector<array> make_arrays(const std::vector<Shape>& shapes,
                                        const std::vector<Dtype>& dtypes,
                                        const std::shared_ptr<Primitive>& primitive,
                                        const std::vector<array>& inputs);

  /// Evaluated memory in C order whose contents are whatever lies there: for readers and tests that
  /// fill it through data<T>().
  static array uninitialized(const Shape& shape, Dtype dtype);

  /// Evaluated: `size()` elements of `buffer` seen with these strides, `offset` elements in.
  static array view_of(const std::shared_ptr<Buffer>& buffer, int64_t offset, const Shape& shape,
                       Dtype dtype);

  size_t size() const;         ///< Number of elements.
  size_t nbytes() const;       ///< size() * itemsize().
  size_t itemsize() const;     ///< Bytes of one element.
  size_t ndim() const;         ///< Number of axes.
  const Shape& shape() const;  ///< Length of each axis.
  int shape(int dim) const;    ///< Negative counts from the end. Throws std::out_of_range.
  /// Strides in elements. Of an unevaluated array those of C order, which eval may change.
  const Strides& strides() const;
  int64_t strides(int dim) const;  ///< Negative counts from the end. Throws std::out_of_range.
  Dtype dtype() const;             ///< Type of the elements.

  /// The value of an array of one element, evaluated if need be. Throws std::invalid_argument where
  /// size() != 1.
  template <class T>
  T item() const {
    const void* element = item_pointer();
    return detail::dispatch_all(dtype(), [&](auto tag) {
      return static_cast<T>(*static_cast<const decltype(tag)*>(element));
    });
  }

  /// The memory of the first element, for reading and writing. The array must be evaluated: throws
  /// std::logic_error if not. Waits for the device that computes it, brings its bytes to the host,
  /// and throws what a computation on a device failed with.
  template <class T>
  T* data() {
    return static_cast<T*>(raw_data(true));
  }
  /// The same for reading: bytes that a device has too stay valid there.
  template <class T>
  const T* data() const {
    return static_cast<const T*>(raw_data(false));
  }

  void eval() const;          ///< Computes the array and what it needs.
  bool is_available() const;  ///< Whether its memory holds the result.
  /// The address of the node: equal for copies of one handle.
  std::uintptr_t id() const;

  // The graph, for transformations, back ends and tests.
  bool has_primitive() const;                ///< False for evaluated arrays and constants.
  const Primitive& primitive() const;        ///< Throws std::logic_error where there is none.
  const std::vector<array>& inputs() const;  ///< Of the primitive; empty where there is none.
  /// The other outputs of the same primitive that are still alive.
  std::vector<array> siblings() const;
  /// All outputs in order; needs all of them alive.
  std::vector<array> outputs() const;

  const Flags& flags() const;                     ///< Of evaluated arrays.
  size_t data_size() const;                       ///< Elements of the buffer that the array covers.
  int64_t offset() const;                         ///< Bytes from the start of the buffer.
  const std::shared_ptr<Buffer>& buffer() const;  ///< What holds the memory.

  /// Internal: the shared description.
  ArrayDesc& desc() const { return *desc_; }
  /// Internal: the shared description, to be held.
  const std::shared_ptr<ArrayDesc>& desc_ptr() const { return desc_; }
  /// Internal: a handle on a description.
  explicit array(std::shared_ptr<ArrayDesc> desc) : desc_(std::move(desc)) {}

 private:
  template <class T>
  static const T* checked(const std::initializer_list<T>& data, const Shape& shape) {
    check_element_count(data.size(), shape);
    return data.begin();
  }
  static void check_element_count(size_t count, const Shape& shape);
  // Not inlined: its twelve loops are the same for every caller.
  template <class It>
  [[gnu::noinline]] void fill_from(It data);
  void* raw_data(bool writes) const;
  const void* item_pointer() const;

  std::shared_ptr<ArrayDesc> desc_;
};

/// Computes the arrays and everything they need, on the calling thread and the pool, or on a device
/// for which it waits. A failure leaves inputs valid; outputs stay unevaluated, or throw again when
/// they are read.
void eval(std::vector<array> outputs);
template <class... Arrays>
requires(sizeof...(Arrays) > 0) void eval(const array& first, const Arrays&... rest) {
  eval(std::vector<array>{first, rest...});
}
inline void eval(const array& output) { eval(std::vector<array>{output}); }

/// As eval, but may return before the work is done; reading an array waits for it.
void async_eval(std::vector<array> outputs);

template <class It>
void array::fill_from(It data) {
  const size_t count = size();
  detail::dispatch_all(dtype(), [&](auto tag) {
    using T = decltype(tag);
    T* out = static_cast<T*>(raw_data(true));
    for (size_t i = 0; i < count; i++, ++data) out[i] = static_cast<T>(*data);
  });
}

}  // namespace mlxa
