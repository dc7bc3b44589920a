// Devices and streams: where an operation runs.
#pragma once

#include <variant>

namespace mlxa {

/// A kind of device and its index.
struct Device {
  /// The kinds: the host's processors, and accelerators.
  enum class DeviceType { cpu, gpu };
  static constexpr DeviceType cpu = DeviceType::cpu;  ///< Shorthand, as in MLX.
  static constexpr DeviceType gpu = DeviceType::gpu;  ///< Shorthand, as in MLX.

  /// The first device of a kind unless told otherwise.
  constexpr Device(DeviceType type, int index = 0) : type(type), index(index) {}
  DeviceType type;  ///< The kind.
  int index;        ///< Counts the devices of one kind from 0.
  /// Same kind and index.
  bool operator==(const Device&) const = default;
};

/// An ordered queue of work on a device. Work of different streams is ordered by data alone.
struct Stream {
  int index;      ///< Unique in the process.
  Device device;  ///< Where its work runs.
  /// Same index and device.
  bool operator==(const Stream&) const = default;
};

/// What operations accept: nothing (the default device's stream), a device, or a stream.
using StreamOrDevice = std::variant<std::monostate, Stream, Device>;

/// The device of operations that name none: unless set, the GPU where there is one. Per process.
const Device& default_device();
/// Throws std::invalid_argument if the device is not available.
void set_default_device(const Device& device);
/// Whether a back end for the device is present in this program and this machine.
bool is_available(const Device& device);

/// The stream that operations of a device use unless they name one.
Stream default_stream(Device device);
/// Resolves what an operation was given.
Stream to_stream(StreamOrDevice s);
/// Waits until the work of the stream, or of the default stream, is done. What failed throws when
/// its result is read.
void synchronize(Stream s);
void synchronize();

}  // namespace mlxa
