#include "backend/cpu/fused/products.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace mlxa::cpu {
namespace {

// Rows up to which code outside an engine gets the decode family.
constexpr int64_t kFewRows = 8;
// Weight bytes times rows below which another thread does not pay.
constexpr int64_t kMinChunkWork = 1 << 15;
constexpr int64_t kChunksPerThread = 4;
// Of groups of rows, whose sizes differ: a large one at the end holds up the others less.
constexpr int64_t kUnevenChunksPerThread = 8;
// Decode's chunks have about so many bytes of weights: threads that read memory finish at different
// times, and the last chunk is what they wait for.
constexpr int64_t kDecodeChunkBytes = 1 << 16;
constexpr int64_t kMinDecodeChunkWork = 1 << 14;

int64_t round_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

template <class Matrix>
int64_t row_count(std::span<const RowGroup<Matrix>> groups) {
  return groups.back().first + groups.back().count;
}

// How the columns of a product are cut for the threads: into chunks of whole kColumnAlign.
template <class Matrix>
class Chunks {
 public:
  using Group = RowGroup<Matrix>;

  // `work`: bytes of weights per column. `least`: columns that a chunk of prefill had better have.
  Chunks(std::span<const Group> groups, int64_t work, int64_t least)
      : work_(work), least_(least), threads_(ThreadPool::instance().threads()) {
    for (const Group& group : groups) {
      columns_ += group.w.n;
      rows_ += group.count;
      all_work_ += group.w.n * work * group.count;
    }
    const int64_t per_thread = groups.size() == 1 ? kChunksPerThread : kUnevenChunksPerThread;
    wanted_ = std::min(threads_ * per_thread, all_work_ / kMinChunkWork);
  }
  bool worthwhile() const { return threads_ > 1 && all_work_ >= 2 * kMinChunkWork; }

  int64_t width(const Group& group) const {
    if (group.family == Family::kDecode) return decode_width(group.count);
    // A group gets its share of the chunks by its rows.
    const int64_t chunks = std::max<int64_t>(1, wanted_ * group.count / rows_);
    const int64_t wide = std::min(least_, (group.w.n + threads_ - 1) / threads_);
    return round_up(std::max((group.w.n + chunks - 1) / chunks, wide), kColumnAlign);
  }
  int64_t count(const Group& group) const {
    const int64_t each = width(group);
    return (group.w.n + each - 1) / each;
  }

 private:
  int64_t decode_width(int64_t rows) const {
    const int64_t share = columns_ / (threads_ * kChunksPerThread);
    const int64_t most = std::min(share, kDecodeChunkBytes / work_);
    const int64_t least = (kMinDecodeChunkWork + work_ * rows - 1) / (work_ * rows);
    return std::max(most / kColumnAlign * kColumnAlign, round_up(least, kColumnAlign));
  }

  int64_t work_, least_, threads_, columns_ = 0, rows_ = 0, all_work_ = 0, wanted_;
};

// Calls fn(group, begin, end) for chunks of every group's columns, in parallel. `work` and `least`
// as above.
template <class Matrix, class F>
void for_columns(std::span<const RowGroup<Matrix>> groups, int64_t work, int64_t least, F&& fn) {
  const Chunks<Matrix> chunks(groups, work, least);
  if (!chunks.worthwhile()) {
    for (const auto& group : groups) fn(group, int64_t{0}, group.w.n);
    return;
  }
  int64_t count = 0;
  for (const auto& group : groups) count += chunks.count(group);
  ThreadPool::instance().run(count, [&](int64_t chunk) {
    for (const auto& group : groups) {
      const int64_t own = chunks.count(group), width = chunks.width(group);
      if (chunk < own) return fn(group, chunk * width, std::min(group.w.n, (chunk + 1) * width));
      chunk -= own;
    }
  });
}

// Runs kernel(group, begin, end, y, ldy), with y where the group's first row goes, over column
// pieces, and stores each piece while it is in the cache.
template <class Matrix, class Kernel>
void run_columns(std::span<const RowGroup<Matrix>> groups, int64_t work, const Target& all,
                 Kernel&& kernel, int64_t least = kColumnAlign) {
  const int64_t n = groups[0].w.n, rows = row_count(groups);
  const bool direct = all.type == FloatType::kFloat32;
  // As much for every order of the rows: a repeated step allocates nothing.
  float* y = nullptr;
  if (!direct || all.order) y = scratch_of<float>(kOutputSlot, static_cast<size_t>(rows * n));
  const auto item = static_cast<int64_t>(size_of(all.type));
  for_columns(groups, work, least, [&](const RowGroup<Matrix>& group, int64_t begin, int64_t end) {
    const Target& out = group.own ? *group.own : all;
    if (direct && out.consecutive(group.first, group.count)) {
      kernel(group, begin, end, reinterpret_cast<float*>(out.row(group.first)), out.stride);
      return;
    }
    kernel(group, begin, end, y + group.first * n, n);
    for (int64_t r = group.first; r < group.first + group.count; r++) {
      vectors().store(y + r * n + begin, out.type, end - begin, out.row(r) + begin * item);
    }
  });
}

// The groups whose rows are all rows of x, once: those with targets of their own share them.
std::span<const RowGroup<QuantizedMatrix>> distinct(
    std::span<const RowGroup<QuantizedMatrix>> groups) {
  return groups.first(groups[0].own ? 1 : groups.size());
}

// Calls fn(group, from, to) for rows [from, to) of the groups, in parallel, a few rows of k
// elements at a time: counted over all groups, as `first` is.
template <class F>
void for_group_rows(std::span<const RowGroup<QuantizedMatrix>> groups, int64_t k, F&& fn) {
  constexpr int64_t kGrainElements = 1 << 14;
  ThreadPool::instance().parallel_for(
      row_count(groups), kGrainElements / k + 1, [&](int64_t begin, int64_t end) {
        for (const auto& group : groups) {
          const int64_t from = std::max(begin, group.first);
          const int64_t to = std::min(end, group.first + group.count);
          if (from < to) fn(group, from, to);
        }
      });
}

// The rows of a product as int8, each as `parts` rows, in kRoundedSlot.
class RoundedRows {
 public:
  using Group = RowGroup<QuantizedMatrix>;

  RoundedRows(std::span<const Group> groups, const float* x, int parts)
      : k_(groups[0].w.k), scales_(k_ / activation_group(groups[0].w)) {
    const int64_t rows = row_count(groups);
    const auto q_bytes = static_cast<size_t>(round_up(rows * parts * k_, 64));
    const auto scale_bytes =
        static_cast<size_t>(round_up(2 * rows * parts * scales_ * int64_t{sizeof(float)}, 64));
    for (const Group& group : groups) {
      row_bytes_ = std::max(row_bytes_, products().arranged_bytes(group.w, group.family));
    }
    auto* memory = scratch_of<std::byte>(
        kRoundedSlot, q_bytes + scale_bytes + static_cast<size_t>(rows * parts) * row_bytes_);
    auto* first_scale = reinterpret_cast<float*>(memory + q_bytes);
    all_ = {reinterpret_cast<int8_t*>(memory), first_scale, first_scale + rows * parts * scales_,
            parts, memory + q_bytes + scale_bytes};
    for_group_rows(distinct(groups), k_, [&](const Group& group, int64_t from, int64_t to) {
      round(group, x, from, to);
    });
  }

  Int8Rows of(const Group& group) const {
    const int64_t first = group.first * all_.parts;
    const bool arranged = products().arranged_bytes(group.w, group.family) > 0;
    std::byte* const memory = static_cast<std::byte*>(all_.arranged);
    return {all_.q + first * k_, all_.scales + first * scales_, all_.sums + first * scales_,
            all_.parts, arranged ? memory + static_cast<size_t>(first) * row_bytes_ : nullptr};
  }

 private:
  void round(const Group& group, const float* x, int64_t from, int64_t to) const {
    products().quantize_rows(x, k_, from, to, group.w, group.family, all_);
    const Int8Rows own = of(group);
    if (!own.arranged) return;
    const int64_t parts = all_.parts;
    products().arrange_rows(group.w, group.family, own, group.count * parts,
                            (from - group.first) * parts, (to - group.first) * parts);
  }

  int64_t k_, scales_;
  size_t row_bytes_ = 0;  // of a row as the kernels read it, the most of any group
  Int8Rows all_;
};

// Exact products of an engine's 16-bit files: what two int8 parts of the activations lose is far
// below what the rounding of scales and biases to 16 bits lost. Array programs get MLX's
// definition.
bool exact_in_parts(const QuantizedMatrix& w, const ComputeMode& mode) {
  return mode.phase != Phase::kAuto && w.format == WeightFormat::kAffine &&
         w.scale_type != FloatType::kFloat32;
}

// Where the rows of a group begin among rows whose groups are rounded up to whole blocks.
int64_t padded_begin(std::span<const RowGroup<QuantizedMatrix>> groups, const void* group) {
  int64_t begin = 0;
  for (const auto& g : groups) {
    if (&g == group) break;
    begin += BFloat16Rows::padded_rows(g.count);
  }
  return begin;
}

// Products of the prefill family on a unit for tiles, with activations in `parts` of bfloat16.
void multiply_in_tiles(std::span<const RowGroup<QuantizedMatrix>> groups, const float* x, int parts,
                       const Target& out) {
  const TileKernels& tiles = *products().tiles;
  const QuantizedMatrix& w = groups[0].w;
  const int64_t scales = w.k / w.group_size, padded = padded_begin(groups, nullptr);
  const int64_t count = BFloat16Rows::count(padded, w.k, parts);
  auto* values =
      scratch_of<uint16_t>(kRoundedSlot, static_cast<size_t>(count + 2 * padded * scales));
  auto* sums = reinterpret_cast<float*>(values + count);
  const auto rows_of = [&](const RowGroup<QuantizedMatrix>& g) {
    const int64_t begin = padded_begin(groups, &g);
    return BFloat16Rows{values + BFloat16Rows::count(begin, w.k, parts), sums + begin * scales,
                        parts};
  };
  for_group_rows(groups, w.k, [&](const auto& g, int64_t from, int64_t to) {
    tiles.round_rows(x + g.first * w.k, w.k, from - g.first, to - g.first, g.w, rows_of(g));
  });
  // Narrower chunks would wait for the rows of x rather than multiply.
  constexpr int64_t kLeastColumns = 256;
  run_columns(
      groups, w.k * w.bits / 8, out,
      [&](const auto& g, int64_t begin, int64_t end, float* y, int64_t ldy) {
        tiles.multiply(g.w, rows_of(g), g.count, begin, end, y, ldy,
                       scratch(kKernelSlot, tiles.scratch_bytes));
      },
      kLeastColumns);
}

// Products of the decode family with activations in float16.
void multiply_in_halves(std::span<const RowGroup<QuantizedMatrix>> groups, const float* x,
                        const Target& out) {
  const HalfKernels& halves = *products().halves;
  const int64_t k = groups[0].w.k, rows = row_count(groups), padded = HalfRows::padded(k);
  auto* values = scratch_of<uint16_t>(kRoundedSlot, static_cast<size_t>(rows * (padded + 2)));
  const HalfRows all{values, reinterpret_cast<float*>(values + rows * padded)};
  for_group_rows(distinct(groups), k, [&](const auto&, int64_t from, int64_t to) {
    halves.round_rows(x, k, from, to, all);
  });
  run_columns(groups, k, out,
              [&](const auto& g, int64_t begin, int64_t end, float* y, int64_t ldy) {
                const HalfRows own{all.values + g.first * padded, all.scales + g.first};
                halves.multiply(g.w, own, g.count, begin, end, y, ldy);
              });
}

bool all_of_family(std::span<const RowGroup<QuantizedMatrix>> groups, Family family) {
  return std::all_of(groups.begin(), groups.end(),
                     [&](const auto& g) { return g.family == family; });
}

}  // namespace

Family family_of(const ComputeMode& mode, int64_t rows) {
  switch (mode.phase) {
    case Phase::kDecode:
      return Family::kDecode;
    case Phase::kPrefill:
      return Family::kPrefill;
    case Phase::kAuto:
      break;
  }
  return rows <= kFewRows ? Family::kDecode : Family::kPrefill;
}

void multiply(std::span<const RowGroup<QuantizedMatrix>> groups, const float* x,
              const ComputeMode& mode, const Target& out) {
  using Group = RowGroup<QuantizedMatrix>;
  const MatmulKernels& kernels = products();
  const QuantizedMatrix& shape = groups[0].w;
  const int64_t k = shape.k, work = k * shape.bits / 8;
  const size_t kernel_bytes = kernels.scratch_bytes(k);
  const bool exact = mode.precision == Precision::kExact;
  if (kernels.tiles && all_of_family(groups, Family::kPrefill) &&
      (!exact || exact_in_parts(shape, mode))) {
    return multiply_in_tiles(groups, x, exact ? 2 : 1, out);
  }
  if (kernels.halves && !exact && shape.format == WeightFormat::kMxfp8 &&
      all_of_family(groups, Family::kDecode)) {
    return multiply_in_halves(groups, x, out);
  }
  if (!has_int8_products(shape) || (exact && !exact_in_parts(shape, mode))) {
    run_columns(groups, work, out,
                [&](const Group& g, int64_t begin, int64_t end, float* y, int64_t ldy) {
                  kernels.qmm_exact(g.w, x + g.first * k, g.count, begin, end, y, ldy, g.family,
                                    scratch(kKernelSlot, kernel_bytes));
                });
    return;
  }
  const RoundedRows rounded(groups, x, exact ? 2 : 1);
  // Columns for which kernels that arrange rows of x read them once, in prefill.
  constexpr int64_t kLeastColumns = 128;
  const bool arranged = kernels.arranged_bytes(shape, Family::kPrefill) > 0;
  run_columns(
      groups, work, out,
      [&](const Group& g, int64_t begin, int64_t end, float* y, int64_t ldy) {
        kernels.qmm_fast(g.w, rounded.of(g), g.count, begin, end, y, ldy, g.family,
                         scratch(kKernelSlot, kernel_bytes));
      },
      arranged ? kLeastColumns : kColumnAlign);
}

void multiply_each(std::span<const RowGroup<QuantizedMatrix>> groups, const float* x,
                   const ComputeMode& mode) {
  multiply(groups, x, mode, *groups[0].own);
}

void multiply(std::span<const RowGroup<DenseMatrix>> groups, const float* x, int64_t ldx,
              const Target& out) {
  using Group = RowGroup<DenseMatrix>;
  const MatmulKernels& kernels = products();
  const DenseMatrix& shape = groups[0].w;
  const int64_t work = shape.k * static_cast<int64_t>(size_of(shape.type));
  // The decode kernels read weight rows as they lie; columns need a repack.
  const bool repack = shape.col_stride != 1 && shape.k > 1;
  const size_t kernel_bytes = kernels.scratch_bytes(shape.k);
  run_columns(
      groups, work, out, [&](const Group& g, int64_t begin, int64_t end, float* y, int64_t ldy) {
        kernels.dense(g.w, x + g.first * ldx, ldx, g.count, begin, end, y, ldy,
                      repack ? Family::kPrefill : g.family, scratch(kKernelSlot, kernel_bytes));
      });
}

void multiply_any(const QuantizedMatrix& w, bool transpose, const float* x, int64_t m,
                  const ComputeMode& mode, Family family, const Target& out) {
  if (transpose) {
    multiply(w, x, m, mode, family, out);
    return;
  }
  auto* dense = scratch_of<float>(kTileSlot, static_cast<size_t>(w.n * w.k));
  ThreadPool::instance().parallel_for(w.n, 16, [&](int64_t begin, int64_t end) {
    products().dequantize(w, begin, end, dense + begin * w.k);
  });
  const DenseMatrix view{dense, FloatType::kFloat32, w.k, w.n, 1, w.k};
  multiply(view, x, w.n, m, family, out);
}

int64_t checked_index(const char* op, int64_t index, int64_t count) {
  if (index >= 0 && index < count) return index;
  throw std::out_of_range("[" + std::string(op) + "] index " + std::to_string(index) +
                          ", expected 0 to " + std::to_string(count - 1));
}

bool has_product_types(const QuantParams& params, std::span<const array> in) {
  return is_float(in[0].dtype()) && (params.mode != QuantMode::kAffine || is_float(in[2].dtype()));
}

DenseMatrix dense_matrix(const array& b, int64_t index) {
  return {b.data<std::byte>() +
              leading_offset(b, b.ndim() - 2, index) * static_cast<int64_t>(b.itemsize()),
          float_type(b.dtype()),
          b.shape(-1),
          b.shape(-2),
          b.strides(-1),
          b.strides(-2)};
}

}  // namespace mlxa::cpu
