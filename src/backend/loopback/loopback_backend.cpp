#include "backend/loopback/loopback_backend.h"

#include <exception>
#include <utility>
#include <vector>

#include "array/node.h"
#include "array/residency.h"
#include "backend/cpu/cpu_backend.h"
#include "backend/loopback/device_thread.h"
#include "backend/loopback/protected_memory.h"

namespace mlxa::loopback {
namespace {

class LoopbackBackend final : public Backend {
 public:
  std::string_view name() const override { return "loopback"; }

  bool supports(const Primitive& primitive, std::span<const array> inputs) const override {
    return kernels_->supports(primitive, inputs);
  }

  void eval(const Primitive& primitive, std::span<const array> inputs,
            std::span<array> outputs) override;

  CachingAllocator& allocator() override { return allocator_; }
  void synchronize() override { thread_.wait(); }

 private:
  array as_kernels_see(const array& a, Access access);

  std::unique_ptr<Backend> kernels_ = cpu::make_cpu_backend();
  DeviceThread thread_;
  ProtectedMemory memory_{thread_};
  CachingAllocator allocator_{&memory_};
};

// The same strides over the bytes that the kernels may touch. Nothing here holds the memory: what
// is freed while the work waits is reused only by work behind it.
array LoopbackBackend::as_kernels_see(const array& a, Access access) {
  Buffer& buffer = *a.buffer();
  void* device = device_address(buffer, allocator_, access);
  const size_t bytes = buffer.home ? buffer.bytes : buffer.mirror.load()->other->bytes;
  auto seen = std::make_shared<ArrayDesc>(a.shape(), a.dtype());
  seen->set_view(
      std::make_shared<Buffer>(ProtectedMemory::kernel_address(device, bytes), bytes, Deleter()),
      a.offset(), a.strides(), a.data_size());
  return array(std::move(seen));
}

void LoopbackBackend::eval(const Primitive& primitive, std::span<const array> inputs,
                           std::span<array> outputs) {
  const bool in_place = op_info(primitive.kind()).run == RunKind::kInPlace;
  std::vector<array> seen_inputs, seen_outputs;
  std::vector<std::shared_ptr<Completion>> before, after;
  for (const array& in : inputs) {
    seen_inputs.push_back(as_kernels_see(in, Access::kRead));
    if (in.desc().completion) before.push_back(in.desc().completion);
  }
  for (const array& out : outputs) {
    // An in-place op's output is its first input's memory, which may be the host's.
    seen_outputs.push_back(in_place ? seen_inputs[0] : as_kernels_see(out, Access::kWrite));
    after.push_back(out.desc().completion);
  }
  if (in_place) device_address(*inputs[0].buffer(), allocator_, Access::kWrite);
  thread_.enqueue([this, op = primitive.shared_from_this(), inputs = std::move(seen_inputs),
                   outputs = std::move(seen_outputs), before = std::move(before),
                   after = std::move(after)]() mutable {
    std::exception_ptr error;
    for (const auto& completion : before) {
      if (completion->error) error = completion->error;
    }
    try {
      if (!error) kernels_->eval(*op, inputs, outputs);
    } catch (...) {
      error = std::current_exception();
    }
    for (const auto& completion : after) completion->error = error;
  });
}

}  // namespace

std::unique_ptr<Backend> make_loopback_backend() { return std::make_unique<LoopbackBackend>(); }

}  // namespace mlxa::loopback
