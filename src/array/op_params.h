// The parameters of primitives: plain values whose equality decides whether two nodes are the same.
#pragma once

#include <cstdint>
#include <vector>

#include "mlxa/array.h"

#include "array/attention_params.h"
#include "array/quant_mode.h"

namespace mlxa {

struct NoParams {
  bool operator==(const NoParams&) const = default;
};
struct ShapeParams {  // reshape, broadcast: the output's shape
  Shape shape;
  bool operator==(const ShapeParams&) const = default;
};
struct AxesParams {  // transpose: the permutation; expand_dims, squeeze: the axes
  std::vector<int> axes;
  bool operator==(const AxesParams&) const = default;
};
struct AxisParams {
  int axis;
  bool operator==(const AxisParams&) const = default;
};
struct DtypeParams {
  Dtype dtype;
  bool operator==(const DtypeParams& other) const { return dtype.val() == other.dtype.val(); }
};
struct SliceParams {
  Shape start, stop, strides;
  bool operator==(const SliceParams&) const = default;
};
struct StridedParams {
  Shape shape;
  Strides strides;
  int64_t offset;
  bool operator==(const StridedParams&) const = default;
};
struct ArangeParams {
  double start, step;
  bool operator==(const ArangeParams&) const = default;
};
enum class ReduceKind : uint8_t { kSum, kProd, kMax, kMin, kAll, kAny };
struct ReduceParams {  // the reduced axes become 1
  ReduceKind kind;
  std::vector<int> axes;
  bool operator==(const ReduceParams&) const = default;
};
struct ArgReduceParams {  // the axis becomes 1
  enum Kind : uint8_t { ArgMin, ArgMax } kind;
  int axis;
  bool operator==(const ArgReduceParams&) const = default;
};
enum class ScanKind : uint8_t { kSum, kProd, kMax, kMin, kLogAddExp };
struct ScanParams {
  ScanKind kind;
  int axis;
  bool reverse, inclusive;
  bool operator==(const ScanParams&) const = default;
};
struct PartitionParams {
  int kth, axis;
  bool operator==(const PartitionParams&) const = default;
};
struct PadParams {  // per axis of the input
  std::vector<int> axes;
  Shape low, high;
  bool operator==(const PadParams&) const = default;
};
struct AddMMParams {
  float alpha, beta;
  bool operator==(const AddMMParams&) const = default;
};
struct HadamardParams {  // the last axis has order * 2^k elements
  int order;             // 1, 12, 20 or 28
  float scale;
  bool operator==(const HadamardParams&) const = default;
};
struct RandomBitsParams {  // threefry: `width` bytes per element
  Shape shape;
  int width;
  bool operator==(const RandomBitsParams&) const = default;
};
struct QuantParams {
  int group_size, bits;
  bool transpose;
  QuantMode mode = QuantMode::kAffine;
  bool operator==(const QuantParams&) const = default;
};
struct NormParams {
  float eps;
  bool operator==(const NormParams&) const = default;
};
struct RoPEParams {
  int dims;
  bool traditional;
  float base;  // 0 where the periods come as an input
  float scale;
  bool operator==(const RoPEParams&) const = default;
};
struct KVAppendParams {
  int block_size;   // positions per block
  KVFormat format;  // of the storage
  bool operator==(const KVAppendParams&) const = default;
};
struct PagedAttentionParams {
  AttentionParams attention;
  int block_size;
  bool operator==(const PagedAttentionParams&) const = default;
};

}  // namespace mlxa
