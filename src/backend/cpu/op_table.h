// Which CPU function computes which op.
#pragma once

#include <span>

#include "array/backend.h"

namespace mlxa::cpu {

using EvalFn = void (*)(const Primitive&, std::span<const array> inputs, std::span<array> outputs);
/// Looks at dtypes and shapes alone: strides of inputs are not known while a plan is made.
using SupportsFn = bool (*)(const Primitive&, std::span<const array> inputs);

/// Backend::joins and eval_together of nodes of one op.
using JoinsFn = bool (*)(const Primitive& a, std::span<const array> a_inputs, const Primitive& b,
                         std::span<const array> b_inputs);
using EvalTogetherFn = void (*)(std::span<const NodeCall> calls);

struct CpuOp {
  EvalFn eval = nullptr;          ///< nullptr: the fallback graph runs
  SupportsFn supports = nullptr;  ///< nullptr: every input that the op function lets pass
  JoinsFn joins = nullptr;        ///< nullptr: no nodes run together
  EvalTogetherFn eval_together = nullptr;
};

/// Filled by the two lists below, indexed by OpKind.
struct CpuOpTable {
  CpuOp ops[static_cast<size_t>(OpKind::kCount)];
  CpuOp& operator[](OpKind kind) { return ops[static_cast<size_t>(kind)]; }
};

/// Creation, layout, element-wise, reductions, order, indexing, random (src/backend/cpu/ops/).
void add_general_ops(CpuOpTable& table);
/// Products, norms, rope, attention, KV storage (src/backend/cpu/fused/).
void add_fused_ops(CpuOpTable& table);

}  // namespace mlxa::cpu
