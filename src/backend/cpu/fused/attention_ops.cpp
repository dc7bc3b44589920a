// The attention operations and the writing of new keys and values.
#include <cstring>
#include <stdexcept>
#include <string>

#include "backend/cpu/fused/attention.h"
#include "base/thread_pool.h"

namespace mlxa::cpu {
namespace {

// The decode family reads all keys again for each position, so that without a phase it serves one.
void attend_as(const ComputeMode& mode, AttentionCall& call) {
  call.rounds = mode.precision == Precision::kFast;
  const bool decode =
      mode.phase == Phase::kDecode || (mode.phase == Phase::kAuto && call.q.shape(2) == 1);
  (decode && can_decode(call) ? attend_decode : attend)(call);
}

// Inputs: q, k, v [, mask] [, sinks].
void dense_attention(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const AttentionParams& params = params_of<ScaledDotProductAttention>(primitive);
  AttentionCall call{
      in[0],          KeyStore(in[1]), KeyStore(in[2]), in[1].shape(1),
      in[1].shape(2), nullptr,         nullptr,         in[1].shape(2) - in[0].shape(2),
      nullptr,        nullptr,         params,          out[0]};
  if (params.has_mask) call.mask = &in[3];
  if (params.has_sinks) call.sinks = &in[params.has_mask ? 4 : 3];
  attend_as(primitive.mode(), call);
}

// Every block that positions 0 .. offsets[b] + length - 1 name must exist.
void check_blocks(const char* op, const array& table, const array& offsets, int64_t length,
                  int64_t block_size, int64_t blocks) {
  for (int64_t b = 0; b < offsets.shape(0); b++) {
    const int64_t offset = offsets.data<int32_t>()[b * offsets.strides(0)];
    const int32_t* row = table.data<int32_t>() + b * table.strides(0);
    const int64_t used = (offset + length + block_size - 1) / block_size;
    if (offset < 0 || used > table.shape(1)) {
      throw std::out_of_range("[" + std::string(op) + "] sequence " + std::to_string(b) +
                              ", got offset " + std::to_string(offset) + " and " +
                              std::to_string(length) + " positions, expected at most " +
                              std::to_string(table.shape(1) * block_size));
    }
    for (int64_t i = 0; i < used; i++) {
      const int64_t block = row[i * table.strides(1)];
      if (block >= 0 && block < blocks) continue;
      throw std::out_of_range("[" + std::string(op) + "] block " + std::to_string(block) +
                              " of sequence " + std::to_string(b) + ", expected 0 to " +
                              std::to_string(blocks - 1));
    }
  }
}

// Inputs: q, keys, values, table, offsets [, mask] [, sinks].
void paged_attention(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const PagedAttentionParams& params = params_of<PagedAttention>(primitive);
  check_blocks("paged_attention", in[3], in[4], in[0].shape(2), params.block_size,
               std::min(in[1].shape(0), in[2].shape(0)));
  AttentionCall call{in[0],
                     KeyStore(in[1], params.attention.kv),
                     KeyStore(in[2], params.attention.kv),
                     in[1].shape(1),
                     params.block_size,
                     &in[3],
                     &in[4],
                     0,
                     nullptr,
                     nullptr,
                     params.attention,
                     out[0]};
  if (params.attention.has_mask) call.mask = &in[5];
  if (params.attention.has_sinks) call.sinks = &in[params.attention.has_mask ? 6 : 5];
  attend_as(primitive.mode(), call);
}

void scatter_items(const std::byte* from, int64_t n, size_t item, int64_t step, std::byte* to) {
  if (step == 1) {
    std::memcpy(to, from, static_cast<size_t>(n) * item);
    return;
  }
  for (int64_t i = 0; i < n; i++) {
    std::memcpy(to + i * step * static_cast<int64_t>(item), from + i * static_cast<int64_t>(item),
                item);
  }
}

// A row of values as the storage holds it: in place where it is that already, else in `memory`.
const std::byte* stored_row(const std::byte* row, const array& values, const array& storage,
                            const KVFormat& format, int64_t dim, float* memory) {
  if (storage.dtype() == values.dtype()) return row;
  auto* stored = reinterpret_cast<std::byte*>(memory + dim);
  vectors().load(row, float_type(values.dtype()), dim, memory);
  if (format.bits) {
    const StoredType type{FloatType::kFloat32, format.bits, format.group};
    vectors().quantize_row(memory, dim, type, stored);
  } else {
    vectors().store(memory, float_type(storage.dtype()), dim, stored);
  }
  return stored;
}

// Inputs: storage, values [B, heads, L, dim], table, offsets.
void kv_append(const Primitive& primitive, std::span<const array> in, std::span<array> out) {
  const KVAppendParams& params = params_of<KVAppend>(primitive);
  const int64_t block_size = params.block_size;
  array& storage = out[0];
  const array &table = in[2], &offsets = in[3];
  const Rows values(in[1]);
  const int64_t heads = in[1].shape(1), length = in[1].shape(2), dim = values.length();
  check_blocks("kv_append", table, offsets, length, block_size, storage.shape(0));
  const int32_t* first = offsets.data<int32_t>();
  const int32_t* blocks = table.data<int32_t>();
  constexpr int64_t kGrainElements = 1 << 15;
  ThreadPool::instance().parallel_for(
      values.count(), kGrainElements / (dim + 1) + 1, [&](int64_t begin, int64_t end) {
        // A row of codes is not longer than one of floats.
        auto* memory = scratch_of<float>(kTileSlot, static_cast<size_t>(2 * dim));
        for (int64_t r = begin; r < end; r++) {
          const int64_t b = r / (heads * length), head = r / length % heads;
          const int64_t position = first[b * offsets.strides(0)] + r % length;
          const int64_t block =
              blocks[b * table.strides(0) + position / block_size * table.strides(1)];
          const int64_t at = block * storage.strides(0) + head * storage.strides(1) +
                             position % block_size * storage.strides(2);
          const std::byte* row =
              stored_row(values.row(r), in[1], storage, params.format, dim, memory);
          scatter_items(row, storage.shape(3), storage.itemsize(), storage.strides(3),
                        storage.data<std::byte>() + at * static_cast<int64_t>(storage.itemsize()));
        }
      });
}

}  // namespace

void add_attention_ops(CpuOpTable& table) {
  table[OpKind::kScaledDotProductAttention] = {dense_attention, nullptr};
  table[OpKind::kPagedAttention] = {paged_attention, nullptr};
  table[OpKind::kKVAppend] = {kv_append, nullptr};
}

}  // namespace mlxa::cpu
