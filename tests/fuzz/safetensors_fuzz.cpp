// The safetensors reader, mapped and read: whatever loads must lie in the file to the last byte.
#include "mlxa/io.h"

#include "fuzz/fuzz.h"

namespace {

volatile unsigned touched;

void load(const std::string& path, bool map) {
  const auto [tensors, metadata] = mlxa::load_safetensors(path, map);
  unsigned sum = 0;
  for (const auto& [name, tensor] : tensors) {
    const auto* bytes = tensor.data<uint8_t>();
    for (size_t i = 0; i < tensor.nbytes(); i++) sum += bytes[i];
  }
  touched = sum;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static mlxa::fuzz::MemoryFile file;
  file.write(data, size);
  mlxa::fuzz::answer_or_refuse([] { load(file.path(), /*map=*/false); });
  mlxa::fuzz::answer_or_refuse([] { load(file.path(), /*map=*/true); });
  return 0;
}
