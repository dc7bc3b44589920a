// What the fuzz targets share.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "mlxa/error.h"

/// What libFuzzer and replay_main.cpp call with each input.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace mlxa::fuzz {

/// Ends the process where a promise of the library does not hold: that is a finding.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

/// Runs `use`. The exceptions that the library documents are an answer; others escape and are a
/// finding, and so are defects that it reports of itself.
template <class Use>
void answer_or_refuse(Use use) {
  try {
    use();
  } catch (const Error& error) {
    require(error.code() != ErrorCode::kInternal, error.what());
    for (const char c : std::string_view(error.what())) {
      require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "what() is one printable line");
    }
  } catch (const std::invalid_argument&) {
  }
}

/// A file in memory whose content changes with every input, for readers that take a path.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    require(descriptor_ >= 0, "the system has memory files");
    path_ = "/proc/self/fd/" + std::to_string(descriptor_);
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  const std::string& path() const { return path_; }

  void write(const uint8_t* data, size_t size) {
    const bool written = ::ftruncate(descriptor_, 0) == 0 &&
                         ::pwrite(descriptor_, data, size, 0) == static_cast<ssize_t>(size);
    require(written, "a memory file can be written");
  }

 private:
  int descriptor_;
  std::string path_;
};

}  // namespace mlxa::fuzz
