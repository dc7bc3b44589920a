// The back ends of this program: the only place that names them.
#include "array/backend.h"
#include "backend/cpu/cpu_backend.h"

namespace mlxa {

BackendSet register_backends() {
  BackendSet set;
  set.cpu = cpu::make_cpu_backend();
  return set;
}

}  // namespace mlxa
