// The machine and the process: what the library sees of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mlxa {

/// One environment variable that the library reads.
struct KnobInfo {
  std::string name;     ///< as the environment has it, e.g. "MLXA_THREADS"
  std::string meaning;  ///< one line
  std::string value;    ///< empty: not set
};

/// What the library found when it was asked.
struct SystemInfo {
  std::string version;  ///< of this library
  std::string cpu;      ///< processor name, empty if unknown
  std::string isa;      ///< instruction set of the kernels in use: "scalar", "avx2" or "avx512"
  std::vector<std::string> supported_isas;  ///< that this processor runs, worst to best
  int processors = 0;                       ///< that this process may use
  int threads = 0;                          ///< that compute
  size_t memory_budget = 0;     ///< bytes that may be taken now: free memory, control group, limits
  std::vector<KnobInfo> knobs;  ///< all of them, set or not
};

/// The machine and the settings of this process. Any thread. Throws Error kInvalidArgument or
/// kUnsupported where a knob has a value that cannot be.
SystemInfo system_info();

/// Sets the number of threads that compute, 1 to 256. Any thread. Throws std::invalid_argument.
void set_threads(int threads);

/// Largest resident memory of this process so far, bytes; mapped weights that were touched count.
size_t peak_resident_memory();

/// How many operations ran as their plain form because no kernel took them, since process start.
uint64_t fallback_operations();

}  // namespace mlxa
