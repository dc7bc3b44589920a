// Primitives: the nodes' operations, one class per row of the op table.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "mlxa/array.h"

#include "array/compute_mode.h"
#include "array/op_params.h"

namespace mlxa {

enum class OpKind : uint8_t {
#define MLXA_OP(name, params, run, fallback) k##name,
#include "array/op_table.def"
#undef MLXA_OP
  kCount,
};

/// How the evaluator treats an op; see op_table.def.
enum class RunKind : uint8_t { kView, kElementwise, kCompute, kInPlace };

/// Builds the same result from other ops.
using FallbackFn = std::vector<array> (*)(const Primitive&, const std::vector<array>& inputs);

struct OpInfo {
  std::string_view name;
  RunKind run;
  FallbackFn fallback;
};

/// The row of an op.
const OpInfo& op_info(OpKind kind);

/// An operation with its parameters, its stream and the compute mode that was in force.
class Primitive : public std::enable_shared_from_this<Primitive> {
 public:
  virtual ~Primitive() = default;

  OpKind kind() const { return kind_; }
  std::string_view name() const { return op_info(kind_).name; }
  const Stream& stream() const { return stream_; }
  const ComputeMode& mode() const { return mode_; }

  /// Same op, parameters, stream and mode: on equal inputs the results are equal.
  virtual bool is_equivalent(const Primitive& other) const = 0;

 protected:
  Primitive(OpKind kind, Stream stream) : kind_(kind), stream_(stream), mode_(current_mode()) {}

 private:
  OpKind kind_;
  Stream stream_;
  ComputeMode mode_;
};

template <OpKind K, class P>
class Op final : public Primitive {
 public:
  static constexpr OpKind kKind = K;
  using Params = P;

  explicit Op(Stream stream, P params) : Primitive(K, stream), params_(std::move(params)) {}
  const P& params() const { return params_; }

  bool is_equivalent(const Primitive& other) const override {
    return other.kind() == K && other.stream() == stream() && other.mode() == mode() &&
           static_cast<const Op&>(other).params_ == params_;
  }

 private:
  P params_;
};

#define MLXA_OP(name, params, run, fallback) using name = Op<OpKind::k##name, params>;
#include "array/op_table.def"
#undef MLXA_OP

/// The parameters of a primitive whose class is known by its kind.
template <class T>
const typename T::Params& params_of(const Primitive& primitive) {
  return static_cast<const T&>(primitive).params();
}

/// A node for one output: the way every op function ends.
template <class T>
array make_node(Shape shape, Dtype dtype, std::vector<array> inputs, Stream stream,
                typename T::Params params) {
  return array(shape, dtype, std::make_shared<T>(stream, std::move(params)), std::move(inputs));
}

template <class T>
array make_node(Shape shape, Dtype dtype, std::vector<array> inputs, Stream stream) {
  return make_node<T>(std::move(shape), dtype, std::move(inputs), stream, NoParams{});
}

}  // namespace mlxa
