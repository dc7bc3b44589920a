// Array files: safetensors and .npy.
#pragma once

#include <filesystem>
#include <string>
#include <unordered_map>
#include <utility>

#include "mlxa/array.h"

namespace mlxa {

/// Tensors by name, and the file's own metadata.
using SafetensorsLoad =
    std::pair<std::unordered_map<std::string, array>, std::unordered_map<std::string, std::string>>;

/// Reads a safetensors file. The tensors are the mapped file itself (read-only memory that lives as
/// long as any of them); misaligned ones are copied. F8_E4M3 and F8_E8M0 load as uint8.
/// Throws Error: kNotFound, kIo, kInvalidFile (header or ranges that do not hold), kUnsupported (a
/// dtype without an equal here, by its name).
SafetensorsLoad load_safetensors(const std::filesystem::path& file, bool map = true);

/// Reads NumPy's .npy, format 1.0 to 3.0, in C or Fortran order and either byte order. Throws
/// Error: kNotFound, kIo, kInvalidFile, kOutOfMemory, kUnsupported (a type without an equal here).
array load(const std::filesystem::path& file);

/// Writes an array as NumPy's .npy, format 1.0, C order; bfloat16 is written as float32. Throws
/// Error kIo; the file is complete or absent.
void save(const std::filesystem::path& file, const array& a);

}  // namespace mlxa
