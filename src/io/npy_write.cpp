// NumPy's .npy, written.
#include <cstdio>
#include <cstring>
#include <string>
#include <system_error>

#include "mlxa/error.h"
#include "mlxa/io.h"
#include "mlxa/ops.h"

namespace mlxa {
namespace {

std::string descr_of(const Dtype& dtype) {
  if (dtype.val() == Dtype::Val::bool_) return "|b1";
  return (dtype.size() == 1 ? "|" : "<") + std::string(1, static_cast<char>(kindof(dtype))) +
         std::to_string(dtype.size());
}

std::string header_of(const array& a) {
  std::string shape;
  for (ShapeElem dim : a.shape()) shape += (shape.empty() ? "" : " ") + std::to_string(dim) + ",";
  if (a.ndim() > 1) shape.pop_back();  // Python's tuple of one keeps its comma
  std::string text = "{'descr': '" + descr_of(a.dtype()) + "', 'fortran_order': False, 'shape': (" +
                     shape + "), }";
  constexpr size_t kPrefix = 10, kAlign = 64;  // magic, version and length; the format's alignment
  text.append((kAlign - (kPrefix + text.size() + 1) % kAlign) % kAlign, ' ');
  text += '\n';
  std::string out("\x93NUMPY\x01\x00", 8);
  out += static_cast<char>(text.size() & 0xff);
  out += static_cast<char>(text.size() >> 8);
  return out + text;
}

}  // namespace

void save(const std::filesystem::path& file, const array& a) {
  array data = contiguous(a.dtype().val() == Dtype::Val::bfloat16 ? astype(a, float32) : a);
  data.eval();
  const std::string header = header_of(data);
  // Written beside the target and moved there: a full disk leaves nothing half done. What is no
  // regular file, a link or a device, is not replaced but written to.
  std::error_code error;
  const auto type = std::filesystem::symlink_status(file, error).type();
  const bool beside =
      type == std::filesystem::file_type::not_found || type == std::filesystem::file_type::regular;
  const std::filesystem::path partial = beside ? file.string() + ".partial" : file.string();
  std::FILE* out = std::fopen(partial.c_str(), "wb");
  bool ok = out != nullptr;
  ok = ok && std::fwrite(header.data(), 1, header.size(), out) == header.size();
  ok = ok && std::fwrite(data.data<char>(), 1, data.nbytes(), out) == data.nbytes();
  if (out) ok = (std::fclose(out) == 0) && ok;
  error.clear();  // a file that is not there yet is one
  if (ok && beside) std::filesystem::rename(partial, file, error);
  if (!ok || error) {
    std::error_code ignored;
    if (beside) std::filesystem::remove(partial, ignored);
    throw Error(ErrorCode::kIo, "[save] cannot write " + file.string(),
                "Check the directory's permissions and the space on the disk.");
  }
}

}  // namespace mlxa
