#include "base/mapped_file.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mlxa/error.h"

#include "base/limits.h"

namespace mlxa {
namespace {

[[noreturn]] void throw_system(const std::filesystem::path& path, int code) {
  const bool missing = code == ENOENT || code == ENOTDIR;
  throw Error(missing ? ErrorCode::kNotFound : ErrorCode::kIo,
              "[file] " + path.string() + ": " + std::generic_category().message(code),
              missing ? "Check the path." : "Check the file's permissions and the disk.");
}

int open_regular(const std::filesystem::path& path, size_t& size) {
  // Opening a pipe would wait for its writer; regular files do not know the flag.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) throw_system(path, errno);
  struct stat info {};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(descriptor);
    throw Error(ErrorCode::kIo, "[file] " + path.string() + " is not a regular file",
                "Give the path of a file.");
  }
  size = static_cast<size_t>(info.st_size);
  return descriptor;
}

// Reads exactly `size` bytes; false at an early end or error (errno).
bool read_fully(int descriptor, std::byte* out, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(descriptor, out + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    done += static_cast<size_t>(got);
  }
  return true;
}

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& path, bool map) {
  std::shared_ptr<MappedFile> file(new MappedFile());
  file->path_ = path;
  // The system promises more memory than it has: reading a sparse file could have the process
  // killed.
  const size_t budget = map ? 0 : memory_budget();
  size_t size = 0;
  const int descriptor = open_regular(path, size);
  if (size == 0 || map) {
    void* data = size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
    const int code = errno;
    ::close(descriptor);
    if (data == MAP_FAILED) throw_system(path, code);
    file->data_ = static_cast<const std::byte*>(data);
    file->size_ = size;
    file->mapped_ = size != 0;
    return file;
  }
  const bool fits = size <= budget;
  auto* data =
      fits ? static_cast<std::byte*>(std::aligned_alloc(64, (size + 63) / 64 * 64)) : nullptr;
  if (!data) {
    ::close(descriptor);
    throw Error(ErrorCode::kOutOfMemory,
                "[file] no memory for " + std::to_string(size) + " bytes of " + path.string(),
                "Use a smaller model, or let the file be mapped.");
  }
  file->data_ = data;
  file->size_ = size;
  const bool complete = read_fully(descriptor, data, size);
  const int code = errno;
  ::close(descriptor);
  if (!complete) throw_system(path, code ? code : EIO);
  return file;
}

MappedFile::~MappedFile() {
  if (mapped_) {
    ::munmap(const_cast<std::byte*>(data_), size_);
  } else {
    std::free(const_cast<std::byte*>(data_));
  }
}

HeldFile::HeldFile(const std::filesystem::path& path)
    : path_(path), descriptor_(open_regular(path, size_)) {}

HeldFile::~HeldFile() { ::close(descriptor_); }

bool HeldFile::cut_short() const {
  struct stat info {};
  return ::fstat(descriptor_, &info) == 0 && static_cast<size_t>(info.st_size) < size_;
}

bool has_entry(const std::filesystem::path& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

std::string read_text_file(const std::filesystem::path& path, size_t limit) {
  size_t size = 0;
  const int descriptor = open_regular(path, size);
  if (size > limit) {
    ::close(descriptor);
    throw Error(ErrorCode::kInvalidFile,
                "[file] " + path.string() + " has " + std::to_string(size) + " bytes, at most " +
                    std::to_string(limit) + " expected",
                "Check that this is the right file.");
  }
  std::string text(size, '\0');
  const bool complete = read_fully(descriptor, reinterpret_cast<std::byte*>(text.data()), size);
  const int code = errno;
  ::close(descriptor);
  if (!complete) throw_system(path, code ? code : EIO);
  return text;
}

}  // namespace mlxa
