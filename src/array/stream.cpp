#include "mlxa/stream.h"

#include <stdexcept>

#include "array/backend.h"

namespace mlxa {
namespace {

Device& default_device_storage() {
  static Device device{backend_for(Device::gpu) ? Device::gpu : Device::cpu};
  return device;
}

}  // namespace

const Device& default_device() { return default_device_storage(); }

void set_default_device(const Device& device) {
  if (!is_available(device)) throw std::invalid_argument("[device] not available on this machine");
  default_device_storage() = device;
}

bool is_available(const Device& device) {
  return device.index == 0 && backend_for(device.type) != nullptr;
}

Stream default_stream(Device device) { return {0, device}; }

Stream to_stream(StreamOrDevice s) {
  if (const auto* stream = std::get_if<Stream>(&s)) return *stream;
  if (const auto* device = std::get_if<Device>(&s)) return default_stream(*device);
  return default_stream(default_device());
}

void synchronize(Stream s) {
  if (Backend* backend = backend_for(s.device.type)) backend->synchronize();
}

void synchronize() { synchronize(default_stream(default_device())); }

}  // namespace mlxa
