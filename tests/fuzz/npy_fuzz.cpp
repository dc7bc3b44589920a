// The .npy reader: what loads must survive being written and read again, bit by bit.
#include <cstring>
#include <filesystem>

#include "mlxa/io.h"
#include "mlxa/ops.h"

#include "fuzz/fuzz.h"

namespace {

void use(const std::string& path) {
  const mlxa::array loaded = mlxa::contiguous(mlxa::load(path));
  // In a directory of this process alone: `save` writes beside the file and renames.
  static const std::string saved =
      (std::filesystem::temp_directory_path() / ("mlxa_npy_fuzz_" + std::to_string(::getpid())))
          .string();
  mlxa::save(saved, loaded);
  mlxa::array again = mlxa::contiguous(mlxa::load(saved));
  std::filesystem::remove(saved);
  mlxa::fuzz::require(again.shape() == loaded.shape() && again.dtype() == loaded.dtype(),
                      "shape and type survive");
  again.eval();
  mlxa::fuzz::require(loaded.nbytes() == 0 || std::memcmp(again.data<char>(), loaded.data<char>(),
                                                          loaded.nbytes()) == 0,
                      "the values survive");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static mlxa::fuzz::MemoryFile file;
  file.write(data, size);
  mlxa::fuzz::answer_or_refuse([] { use(file.path()); });
  return 0;
}
