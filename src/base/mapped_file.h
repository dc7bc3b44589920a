// Read-only files in memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

namespace mlxa {

/// A whole file, mapped or read. Thread-safe.
class MappedFile {
 public:
  /// Throws Error kNotFound, or kIo with the system's reason.
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& path, bool map = true);

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  const std::byte* data() const { return data_; }
  size_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

 private:
  MappedFile() = default;
  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
  bool mapped_ = false;
};

/// A regular file that stays open: what its path names later does not matter. Thread-safe.
class HeldFile {
 public:
  /// Throws as MappedFile::open.
  explicit HeldFile(const std::filesystem::path& path);
  HeldFile(const HeldFile&) = delete;
  HeldFile& operator=(const HeldFile&) = delete;
  ~HeldFile();

  /// Whether it has fewer bytes now than when it was opened. Touching the lost pages of a mapping
  /// ends the process.
  bool cut_short() const;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  size_t size_ = 0;
  int descriptor_;
};

/// Whether the directory has an entry of this name: a file that cannot be read, or a link to none,
/// is there, so that reading it says why it cannot be.
bool has_entry(const std::filesystem::path& path);

/// The whole file as text. Throws as MappedFile::open; kInvalidFile where it exceeds `limit` bytes.
std::string read_text_file(const std::filesystem::path& path, size_t limit);

}  // namespace mlxa
