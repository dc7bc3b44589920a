#include "mlxa/system.h"

#include <sys/resource.h>

#include "array/backend.h"
#include "base/cpu_features.h"
#include "base/env.h"
#include "base/limits.h"
#include "base/thread_pool.h"

namespace mlxa {

SystemInfo system_info() {
  SystemInfo info;
  info.version = MLXA_VERSION;
  info.cpu = cpu_name();
  info.isa = isa_name(active_isa());
  for (Isa isa : {Isa::kScalar, Isa::kAvx2, Isa::kAvx512, Isa::kAmx}) {
    if (isa_supported(isa)) info.supported_isas.push_back(isa_name(isa));
  }
  info.processors = usable_processors();
  info.threads = ThreadPool::instance().threads();
  info.memory_budget = memory_budget();
  for (const Knob& entry : knobs()) {
    info.knobs.push_back({entry.name, entry.meaning, knob(entry.name).value_or("")});
  }
  return info;
}

void set_threads(int threads) { ThreadPool::instance().set_threads(threads); }

size_t peak_resident_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<size_t>(usage.ru_maxrss) * 1024;
}

uint64_t fallback_operations() { return fallback_count(); }

}  // namespace mlxa
