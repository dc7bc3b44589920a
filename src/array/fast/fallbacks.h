// The plain-op form of every fused op, as op_table.def names them. Each builds, from the node's
// inputs, what the kernel computes; back ends without the kernel run it, and tests compare against
// it.
#pragma once

#include <vector>

#include "array/primitive.h"

namespace mlxa {

std::vector<array> fallback_addmm(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_hadamard(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_gather_mm(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_quantized_matmul(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_gather_qmm(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_rms_norm(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_add_rms_norm(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_layer_norm(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_rope(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_swiglu(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_embedding_q(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_sdpa(const Primitive&, const std::vector<array>& inputs);
std::vector<array> fallback_paged_attention(const Primitive&, const std::vector<array>& inputs);

}  // namespace mlxa
