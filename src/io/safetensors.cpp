// The safetensors reader. The header is untrusted: every length is checked before memory is
// touched.
#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include "mlxa/error.h"
#include "mlxa/io.h"

#include "base/json.h"
#include "base/mapped_file.h"
#include "io/file_array.h"

namespace mlxa {
namespace {

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the reference reader's limit

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
  throw Error(ErrorCode::kInvalidFile, "[safetensors] " + file.string() + ": " + what,
              "The file is damaged or incomplete: fetch it again.");
}

Dtype dtype_of(const std::string& name, const std::filesystem::path& file,
               const std::string& tensor) {
  static const std::unordered_map<std::string, Dtype> kTypes = {
      {"BOOL", bool_},    {"U8", uint8},      {"I8", int8},       {"U16", uint16},
      {"I16", int16},     {"U32", uint32},    {"I32", int32},     {"U64", uint64},
      {"I64", int64},     {"F16", float16},   {"BF16", bfloat16}, {"F32", float32},
      {"F8_E4M3", uint8}, {"F8_E8M0", uint8},
  };
  auto found = kTypes.find(name);
  if (found != kTypes.end()) return found->second;
  throw Error(ErrorCode::kUnsupported,
              "[safetensors] " + file.string() + ": tensor " + tensor + " has dtype " + name,
              "Convert the model to a 16- or 32-bit float type, or to an MLX quantization.");
}

struct Entry {
  std::string name;
  Dtype dtype;
  Shape shape;
  uint64_t begin, end;
};

uint64_t unsigned_at(const nlohmann::json& value, const std::filesystem::path& file,
                     const std::string& what) {
  if (!value.is_number_unsigned()) fail(file, what + " is not a natural number");
  return value.get<uint64_t>();
}

Entry parse_entry(const std::string& name, const nlohmann::json& value, uint64_t data_bytes,
                  const std::filesystem::path& file) {
  if (!value.is_object() || !value.contains("dtype") || !value["dtype"].is_string() ||
      !value.contains("shape") || !value["shape"].is_array() || !value.contains("data_offsets") ||
      !value["data_offsets"].is_array() || value["data_offsets"].size() != 2) {
    fail(file, "tensor " + name + " lacks dtype, shape or data_offsets");
  }
  Entry entry{name, dtype_of(value["dtype"], file, name), {}, 0, 0};
  uint64_t bytes = entry.dtype.size();
  for (const auto& item : value["shape"]) {
    const uint64_t dim = unsigned_at(item, file, "a dimension of " + name);
    if (dim > static_cast<uint64_t>(std::numeric_limits<ShapeElem>::max()) ||
        __builtin_mul_overflow(bytes, dim, &bytes)) {
      fail(file, "tensor " + name + " has an impossible shape");
    }
    entry.shape.push_back(static_cast<ShapeElem>(dim));
  }
  entry.begin = unsigned_at(value["data_offsets"][0], file, "an offset of " + name);
  entry.end = unsigned_at(value["data_offsets"][1], file, "an offset of " + name);
  if (entry.begin > entry.end || entry.end > data_bytes) {
    fail(file, "tensor " + name + " lies outside the file");
  }
  if (entry.end - entry.begin != bytes) {
    fail(file, "tensor " + name + " has " + std::to_string(entry.end - entry.begin) +
                   " bytes, its shape and dtype need " + std::to_string(bytes));
  }
  return entry;
}

// Parsed strictly: a key that stands twice would hide a tensor.
nlohmann::json parse_header(std::string_view text, const std::filesystem::path& file) {
  nlohmann::json header = parse_json(text, "safetensors " + file.string());
  if (!header.is_object()) fail(file, "the header is no JSON object");
  return header;
}

}  // namespace

SafetensorsLoad load_safetensors(const std::filesystem::path& file, bool map) {
  const auto mapped = MappedFile::open(file, map);
  if (mapped->size() < 8) fail(file, "too short for a header");
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, mapped->data(), 8);
  if (header_bytes > kMaxHeaderBytes || header_bytes > mapped->size() - 8) {
    fail(file, "the header claims " + std::to_string(header_bytes) + " bytes, the file has " +
                   std::to_string(mapped->size()));
  }
  const auto* text = reinterpret_cast<const char*>(mapped->data() + 8);
  const nlohmann::json header = parse_header({text, header_bytes}, file);
  const std::byte* data = mapped->data() + 8 + header_bytes;
  const uint64_t data_bytes = mapped->size() - 8 - header_bytes;

  SafetensorsLoad out;
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      if (value.is_null()) continue;  // what MLX writes when there is none
      if (!value.is_object()) fail(file, "__metadata__ is no object");
      for (const auto& [key, text_value] : value.items()) {
        if (text_value.is_string()) out.second.emplace(key, text_value);
      }
      continue;
    }
    entries.push_back(parse_entry(name, value, data_bytes, file));
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.begin < b.begin; });
  uint64_t covered = 0;
  for (const Entry& entry : entries) {
    if (entry.begin < covered) fail(file, "tensor " + entry.name + " overlaps another");
    covered = std::max(covered, entry.end);
    out.first.emplace(entry.name,
                      io::file_array(mapped, data + entry.begin, entry.shape, entry.dtype));
  }
  return out;
}

}  // namespace mlxa
