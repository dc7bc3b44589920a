// The graph behind arrays. A description (what an array is, and its memory once there) points to
// the node that computes it; the node holds its inputs and knows, without owning them, its outputs.
// So there are no cycles, and what nobody can reach is freed at once.
#pragma once

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "mlxa/array.h"

#include "array/allocator.h"
#include "array/primitive.h"

namespace mlxa {

class Backend;

struct Node {
  std::shared_ptr<Primitive> primitive;
  std::vector<array> inputs;
  std::vector<std::weak_ptr<ArrayDesc>> outputs;
  std::vector<std::pair<Shape, Dtype>> output_types;  // for outputs that were dropped unevaluated

  ~Node();  // frees long chains without recursion
};

/// How a computation that a device may still be at has ended. Written in the device's order; the
/// host reads it after waiting for the device.
struct Completion {
  Backend& backend;
  std::exception_ptr error = nullptr;
};

struct ArrayDesc {
  Shape shape;
  Strides strides;
  size_t size = 1;
  Dtype dtype{float32};

  std::shared_ptr<Node> node;  // nullptr once evaluated
  int output_index = 0;

  std::shared_ptr<Buffer> buffer;          // nullptr until evaluated
  std::shared_ptr<Completion> completion;  // of a device's result; views share it
  int64_t offset = 0;                      // bytes
  size_t data_size = 0;                    // elements of the buffer that are covered
  array::Flags flags{true, true, true};

  ArrayDesc(Shape shape, Dtype dtype);

  /// Whether the memory holds the result: later than `buffer`, which is there while it is computed.
  bool evaluated() const { return ready_.load(std::memory_order_acquire); }
  /// Lets other threads read the memory.
  void publish() { ready_.store(true, std::memory_order_release); }

  /// Takes fresh memory in C order.
  void set_row_contiguous(std::shared_ptr<Buffer> memory);
  /// Becomes a view; `bytes` is the offset into the buffer. Derives the flags from the strides.
  void set_view(const std::shared_ptr<Buffer>& memory, int64_t bytes, Strides view_strides,
                size_t covered);
  void clear_data();

 private:
  std::atomic<bool> ready_{false};
};

/// For an output of this back end: nothing where results are there when eval returns.
std::shared_ptr<Completion> new_completion(Backend& backend);
/// Waits for the device that computes an evaluated array, if one does. Throws what it failed with.
void wait_for(const array& a);

/// Guards ArrayDesc::node where one thread evaluates and another drops a graph that shares nodes
/// with it. Held for moments: an evaluation must not block who drops an array.
std::mutex& graph_mutex();

/// Strides of C order.
Strides row_major_strides(const Shape& shape);

/// Tries to make `out` a view of input 0 (RunKind::kView ops only). False where strides cannot
/// express it and elements must move.
bool resolve_view(const Primitive& primitive, const array& input, ArrayDesc& out);

/// The nodes that `outputs` need, inputs first; evaluated arrays are leaves. Throws
/// std::invalid_argument for an array that is neither evaluated nor has a node.
std::vector<std::shared_ptr<Node>> topological_order(const std::vector<array>& outputs);

}  // namespace mlxa
