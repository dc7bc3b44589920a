// The instruction sets that kernels are built for, and which of them this machine runs.
#pragma once

#include <string_view>

namespace mlxa {

/// Kernel sets, worst to best. Scalar is plain C++ for any machine.
enum class Isa { kScalar, kAvx2, kAvx512, kAmx };

/// "scalar", "avx2", "avx512", "amx".
const char* isa_name(Isa isa) noexcept;

/// Whether processor and operating system run the set: avx2 needs AVX2, FMA and F16C; avx512 needs
/// AVX-512 F, BW, DQ, VL, VBMI, VBMI2, VNNI and BF16, and GFNI; amx needs AMX with bfloat16 and
/// AVX-512 FP16 as well, and that the system lets this process use its tiles, which the first call
/// asks for.
bool isa_supported(Isa isa) noexcept;

/// The best supported set, or the one that MLXA_ISA names. Throws Error kInvalidArgument for an
/// unknown name and kUnsupported where this machine cannot run it. Decided once per process.
Isa active_isa();

/// Processor name as the system reports it, e.g. "AMD EPYC"; empty if unknown.
std::string_view cpu_name();

}  // namespace mlxa
