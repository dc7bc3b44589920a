// The seam between the array core and the devices.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "mlxa/array.h"

#include "array/primitive.h"

namespace mlxa {

class CachingAllocator;

/// A node that a back end is to compute.
struct NodeCall {
  const Primitive* primitive;
  std::span<const array> inputs;
  std::span<array> outputs;
};

/// A device's side of evaluation. One object per device; any thread may call it, the evaluator
/// calls eval for one node at a time per stream.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string_view name() const = 0;

  /// Whether eval can run this node: looks at dtypes, head sizes, layouts, not only at the op.
  virtual bool supports(const Primitive& primitive, std::span<const array> inputs) const = 0;

  /// Computes the outputs, or queues that behind what was queued before. The outputs' memory is
  /// allocated and row-contiguous (for kInPlace it is input 0's memory). Inputs have any strides.
  /// An output may share the buffer of an input only for kElementwise ops, and then both are
  /// row-contiguous with equal item size. Throws on failure; where a queued computation fails, it
  /// and all that depends on it record that in the outputs' completions.
  virtual void eval(const Primitive& primitive, std::span<const array> inputs,
                    std::span<array> outputs) = 0;

  /// Whether nodes a and b, which share input 0 and depend on each other in nothing, are better
  /// computed by one eval_together: products of the same rows, say. Looks at what `supports` looks
  /// at. A plan asks, for neighbours and for what it can bring together.
  virtual bool joins(const Primitive& /*a*/, std::span<const array> /*a_inputs*/,
                     const Primitive& /*b*/, std::span<const array> /*b_inputs*/) const {
    return false;
  }

  /// Computes nodes each of which joins the first, with the results of eval for each of them.
  virtual void eval_together(std::span<const NodeCall> calls) {
    for (const NodeCall& call : calls) eval(*call.primitive, call.inputs, call.outputs);
  }

  /// Where outputs come from.
  virtual CachingAllocator& allocator() = 0;

  /// Waits for all work that eval has queued.
  virtual void synchronize() {}
};

/// The back end of a device type, or nullptr where the program or the machine has none.
Backend* backend_for(Device::DeviceType type);

/// Called once by the array core: tells it the back ends of this program. Defined by the back-end
/// layer (src/backend/register_backends.cpp), so that the core names none.
struct BackendSet {
  std::unique_ptr<Backend> cpu;
  std::unique_ptr<Backend> gpu;
};
BackendSet register_backends();

/// Bytes of weights that products of chosen matrices have read, to which a back end adds what it
/// reads. Since process start.
uint64_t chosen_bytes() noexcept;
void add_chosen_bytes(uint64_t bytes) noexcept;

/// How often a node ran as its fallback graph because a back end said no. Since process start.
uint64_t fallback_count() noexcept;

}  // namespace mlxa
