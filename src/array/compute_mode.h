// The compute mode: how exactly, and for which phase, nodes are computed. Part of every node.
#pragma once

#include <cstdint>

namespace mlxa {

/// exact: MLX's definition, float32 accumulation; in an engine, activations keep 16 bits in
/// products with affine weights of 16-bit scales. fast: activations of quantized products are
/// rounded to int8 by groups. Only the engine asks for fast.
enum class Precision : uint8_t { kExact, kFast };

/// Which kernel family serves the node; the engine names it, never the number of rows, so that
/// results do not depend on batch mates. Code outside an engine leaves it to the back end.
enum class Phase : uint8_t { kAuto, kDecode, kPrefill };

struct ComputeMode {
  Precision precision = Precision::kExact;
  Phase phase = Phase::kAuto;
  bool operator==(const ComputeMode&) const = default;
};

/// The mode of nodes built on this thread now.
ComputeMode current_mode() noexcept;

/// Sets the mode for nodes that this thread builds during the scope's life.
class ComputeScope {
 public:
  explicit ComputeScope(ComputeMode mode) noexcept;
  ~ComputeScope();
  ComputeScope(const ComputeScope&) = delete;
  ComputeScope& operator=(const ComputeScope&) = delete;

 private:
  ComputeMode previous_;
};

}  // namespace mlxa
