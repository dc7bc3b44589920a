#include "backend/cpu/cpu_backend.h"

#include "array/allocator.h"
#include "array/faults.h"
#include "backend/cpu/op_table.h"

namespace mlxa::cpu {
namespace {

class CpuBackend final : public Backend {
 public:
  CpuBackend() {
    add_general_ops(table_);
    add_fused_ops(table_);
  }

  std::string_view name() const override { return "cpu"; }

  bool supports(const Primitive& primitive, std::span<const array> inputs) const override {
    const CpuOp& op = table_.ops[static_cast<size_t>(primitive.kind())];
    return op.eval && (!op.supports || op.supports(primitive, inputs));
  }

  void eval(const Primitive& primitive, std::span<const array> inputs,
            std::span<array> outputs) override {
    faults::pass(faults::Point::kKernel);
    table_.ops[static_cast<size_t>(primitive.kind())].eval(primitive, inputs, outputs);
  }

  CachingAllocator& allocator() override { return host_allocator(); }

 private:
  CpuOpTable table_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace mlxa::cpu
