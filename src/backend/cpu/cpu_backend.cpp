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

  bool joins(const Primitive& a, std::span<const array> a_inputs, const Primitive& b,
             std::span<const array> b_inputs) const override {
    const CpuOp& op = table_.ops[static_cast<size_t>(a.kind())];
    return a.kind() == b.kind() && op.joins && op.joins(a, a_inputs, b, b_inputs);
  }

  void eval_together(std::span<const NodeCall> calls) override {
    faults::pass(faults::Point::kKernel);
    table_.ops[static_cast<size_t>(calls[0].primitive->kind())].eval_together(calls);
  }

  CachingAllocator& allocator() override { return host_allocator(); }

 private:
  CpuOpTable table_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace mlxa::cpu
