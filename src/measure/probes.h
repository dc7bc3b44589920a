// What the machine gives at most: reading memory, and arithmetic in registers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/cpu_features.h"

namespace mlxa::measure {

/// Reads memory once, on the calling thread, as fast as it comes.
void read_bytes(const void* from, size_t bytes);

/// Memory that no cache holds, in huge pages where the system has them.
class ReadProbe {
 public:
  static constexpr size_t kBytes = size_t{1} << 30;

  /// Throws Error kOutOfMemory where the system refuses it.
  ReadProbe();
  ~ReadProbe();
  ReadProbe(const ReadProbe&) = delete;
  ReadProbe& operator=(const ReadProbe&) = delete;

  /// Reads all of it on the pool's threads: bytes per second.
  double run() const;

 private:
  std::byte* memory_;
};

/// What products are made of: bytes summed up in int32, bfloat16 or float32 summed up in float32.
enum class Arithmetic { kInt8, kBFloat16, kFloat32 };

/// A loop of independent multiply-adds that never leaves the registers.
struct PeakLoop {
  const char* name;            ///< "int8 AVX-512 VNNI", ...
  void (*run)(int64_t steps);  ///< on the calling thread
  double per_step;             ///< multiply-adds of a step
};

/// The fastest loop of this arithmetic that the kernels of `isa` could use; for bfloat16 without
/// instructions of its own, that of float32. Of amx the vectors' loop: its tiles multiply several
/// times as fast, but a machine's figures are to compare with those of others.
const PeakLoop& peak_loop(Isa isa, Arithmetic arithmetic);

/// Runs the loop on the pool's threads for some hundredths of a second: multiply-adds per second.
double run_peak(const PeakLoop& loop);

}  // namespace mlxa::measure
