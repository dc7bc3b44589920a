// The back ends of this program: the only place that names them.
#include "array/backend.h"
#include "backend/cpu/cpu_backend.h"
#include "backend/loopback/loopback_backend.h"
#include "base/env.h"

namespace mlxa {

BackendSet register_backends() {
  BackendSet set;
  set.cpu = cpu::make_cpu_backend();
  if (knob("MLXA_LOOPBACK")) set.gpu = loopback::make_loopback_backend();
  return set;
}

}  // namespace mlxa
