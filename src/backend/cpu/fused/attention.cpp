#include "backend/cpu/fused/attention.h"

#include <algorithm>
#include <cmath>

#include "base/thread_pool.h"

namespace mlxa::cpu {
namespace {

// Keys per part: each part starts from an empty softmax, so that parts can run in parallel. A
// constant of the arithmetic, as kKeyTile is.
constexpr int64_t kPartKeys = 512;
// Query rows (positions times the query heads of one key head) that share each key tile.
constexpr int64_t kMaxTileRows = 64;
// Partial results of parts that run in parallel are kept up to this many floats.
constexpr int64_t kMaxPartFloats = int64_t{1} << 24;
// Multiplications below which one thread does everything.
constexpr int64_t kSmallCall = 1 << 16;

// Shapes and the cut into tasks.
struct Layout {
  int64_t batch, heads, length, group, tile_positions, tiles, tasks, parts, dk, dv, tile_rows;

  explicit Layout(const AttentionCall& call, int64_t most_keys)
      : batch(call.q.shape(0)),
        heads(call.q.shape(1)),
        length(call.q.shape(2)),
        group(heads / call.kv_heads),
        tile_positions(std::min(length, std::max<int64_t>(1, kMaxTileRows / group))),
        tiles((length + tile_positions - 1) / tile_positions),
        tasks(batch * call.kv_heads * tiles),
        parts((most_keys + kPartKeys - 1) / kPartKeys),
        dk(padded(call.keys.dim)),
        dv(padded(call.values.dim)),
        tile_rows(tile_positions * group) {}
};

// One query tile of one key head of one sequence.
class Task {
 public:
  Task(const AttentionCall& call, const Layout& layout, int64_t index)
      : call_(call),
        layout_(layout),
        batch_(index / (call.kv_heads * layout.tiles)),
        kv_head_(index / layout.tiles % call.kv_heads),
        first_(index % layout.tiles * layout.tile_positions),
        positions_(std::min(layout.tile_positions, layout.length - first_)),
        offset_(offset_of(call, batch_)),
        keys_(keys_of(call, batch_)) {}

  int64_t rows() const { return positions_ * layout_.group; }

  // Parts [begin, end) that any row of the tile sees.
  KeyRange parts() const {
    const KeyRange seen = seen_by_all();
    return {seen.begin / kPartKeys, (seen.end + kPartKeys - 1) / kPartKeys};
  }

  // Scaled queries of the tile: row i * group + g is query i of head g.
  void load_queries(float* to) const {
    const Rows rows(call_.q);
    for (int64_t i = 0; i < positions_; i++) {
      for (int64_t g = 0; g < layout_.group; g++) {
        load_query(call_, rows, row_index(i, g), to + (i * layout_.group + g) * layout_.dk);
      }
    }
  }

  // The state of the rows after part `part` alone. `work`: kWorkFloats of memory.
  void run_part(int64_t part, const float* queries, float* work, const SoftmaxState& state) const {
    std::fill_n(state.max, rows(), -INFINITY);
    std::fill_n(state.sum, rows(), 0.0f);
    std::fill_n(state.out, rows() * layout_.dv, 0.0f);
    const KeyRange seen = seen_by_all();
    const int64_t begin = std::max(part * kPartKeys, seen.begin / kKeyTile * kKeyTile);
    const int64_t end = std::min((part + 1) * kPartKeys, seen.end);
    for (int64_t tile = begin; tile < end; tile += kKeyTile) {
      run_tile(tile, std::min(kKeyTile, end - tile), queries, work, state);
    }
  }

  void store(const SoftmaxState& state) const {
    for (int64_t i = 0; i < positions_; i++) {
      for (int64_t g = 0; g < layout_.group; g++) {
        store_row(call_, row_index(i, g), state, i * layout_.group + g);
      }
    }
  }

  static int64_t work_floats(const Layout& layout) {
    return kKeyTile * (layout.dk + layout.dv + layout.tile_rows + 1) + layout.tile_rows;
  }

 private:
  int64_t head(int64_t g) const { return kv_head_ * layout_.group + g; }
  int64_t row_index(int64_t i, int64_t g) const {
    return (batch_ * layout_.heads + head(g)) * layout_.length + first_ + i;
  }
  KeyRange visible_to(int64_t i) const {
    return visible(call_.params, offset_ + first_ + i, keys_);
  }
  KeyRange seen_by_all() const { return {visible_to(0).begin, visible_to(positions_ - 1).end}; }

  void load_tile(int64_t first, int64_t count, float* keys, float* values) const {
    for (int64_t t = 0; t < count;) {
      const int64_t position = first + t, within = position % call_.block_size;
      const int64_t block = block_of(call_, batch_, position);
      const int64_t run = std::min(count - t, call_.block_size - within);
      call_.keys.load(block, kv_head_, within, run, keys + t * layout_.dk);
      call_.values.load(block, kv_head_, within, run, values + t * layout_.dv);
      t += run;
    }
  }

  void run_tile(int64_t first, int64_t count, const float* queries, float* work,
                const SoftmaxState& state) const {
    float* keys = work;
    float* values = keys + kKeyTile * layout_.dk;
    float* scores = values + kKeyTile * layout_.dv;
    float* mask = scores + kKeyTile * layout_.tile_rows;
    float* factors = mask + kKeyTile;
    load_tile(first, count, keys, values);
    vectors().scores(queries, rows(), keys, count, layout_.dk, scores);
    // Rows that see the same keys of the tile are gathered together; what a row may not see never
    // enters its sums, not even with weight 0.
    const int64_t group = layout_.group;
    KeyRange run{0, 0};
    int64_t run_start = 0;
    for (int64_t i = 0; i <= positions_; i++) {
      KeyRange seen{0, 0};
      if (i < positions_) {
        const KeyRange all = visible_to(i);
        seen.begin = std::clamp<int64_t>(all.begin - first, 0, count);
        seen.end = std::clamp<int64_t>(all.end - first, seen.begin, count);
      }
      if (i == positions_ || seen.begin != run.begin || seen.end != run.end) {
        if (run.end > run.begin) {
          const int64_t r = run_start * group;
          vectors().accumulate(scores + r * kKeyTile, factors + r, (i - run_start) * group, values,
                               run.begin, run.end, layout_.dv, state.out + r * layout_.dv);
        }
        run = seen;
        run_start = i;
      }
      if (seen.end == seen.begin) continue;
      for (int64_t r = i * group; r < (i + 1) * group; r++) {
        float* row = scores + r * kKeyTile;
        if (call_.mask) add_mask(row_index(i, r - i * group), first, seen, mask, row);
        factors[r] =
            vectors().softmax_step(row, seen.begin, seen.end, state.max + r, state.sum + r);
      }
    }
  }

  // Applies the mask's elements for keys first + [seen.begin, seen.end) to a row of scores.
  void add_mask(int64_t row, int64_t first, KeyRange seen, float* values, float* scores) const {
    const array& mask = *call_.mask;
    const int64_t shape[3] = {layout_.batch, layout_.heads, layout_.length};
    int64_t offset = 0;
    for (int axis = 2, rest = static_cast<int>(mask.ndim()) - 2; axis >= 0; axis--, rest--) {
      const int64_t index = row % shape[axis];
      row /= shape[axis];
      if (rest >= 0 && mask.shape(rest) > 1) offset += index * mask.strides(rest);
    }
    const int64_t step = mask.shape(-1) > 1 ? mask.strides(-1) : 0;
    const auto item = static_cast<int64_t>(mask.itemsize());
    const std::byte* from = mask.data<std::byte>() + (offset + (first + seen.begin) * step) * item;
    const int64_t count = seen.end - seen.begin;
    if (mask.dtype() == bool_) {
      for (int64_t t = 0; t < count; t++) {
        if (from[t * step] == std::byte{0}) scores[seen.begin + t] = -INFINITY;
      }
      return;
    }
    alignas(8) std::byte gathered[kKeyTile * sizeof(float)];
    gather_items(from, step, count, mask.itemsize(), gathered);
    vectors().load(gathered, float_type(mask.dtype()), count, values);
    for (int64_t t = 0; t < count; t++) scores[seen.begin + t] += values[t];
  }

  const AttentionCall& call_;
  const Layout& layout_;
  int64_t batch_, kv_head_, first_, positions_, offset_, keys_;
};

int64_t state_floats(const Layout& layout) { return layout.tile_rows * (layout.dv + 2); }

// A whole task on this thread.
void run_task(const AttentionCall& call, const Layout& layout, int64_t index) {
  const Task task(call, layout, index);
  const int64_t query_floats = layout.tile_rows * layout.dk, state = state_floats(layout);
  auto* memory = scratch_of<float>(
      kTileSlot, static_cast<size_t>(query_floats + 2 * state + Task::work_floats(layout)));
  const SoftmaxState total = state_at(memory + query_floats, layout.tile_rows, layout.dv);
  const SoftmaxState part = state_at(memory + query_floats + state, layout.tile_rows, layout.dv);
  float* work = memory + query_floats + 2 * state;
  task.load_queries(memory);
  clear(total, task.rows());
  const KeyRange parts = task.parts();
  for (int64_t p = parts.begin; p < parts.end; p++) {
    task.run_part(p, memory, work, part);
    merge_part(part, task.rows(), total);
  }
  task.store(total);
}

// Few tasks: every part of every task is a chunk of its own; then each task merges its parts.
void run_by_parts(const AttentionCall& call, const Layout& layout) {
  const int64_t state = state_floats(layout);
  auto* results = scratch_of<float>(kOperandSlot,
                                    static_cast<size_t>(layout.tasks * (layout.parts + 1) * state));
  ThreadPool& pool = ThreadPool::instance();
  pool.run(layout.tasks * layout.parts, [&](int64_t chunk) {
    const int64_t index = chunk / layout.parts, p = chunk % layout.parts;
    const Task task(call, layout, index);
    const KeyRange parts = task.parts();
    if (p < parts.begin || p >= parts.end) return;
    const int64_t query_floats = layout.tile_rows * layout.dk;
    auto* memory =
        scratch_of<float>(kTileSlot, static_cast<size_t>(query_floats + Task::work_floats(layout)));
    task.load_queries(memory);
    task.run_part(
        p, memory, memory + query_floats,
        state_at(results + (index * (layout.parts + 1) + p) * state, layout.tile_rows, layout.dv));
  });
  pool.run(layout.tasks, [&](int64_t index) {
    const Task task(call, layout, index);
    const KeyRange parts = task.parts();
    float* first = results + index * (layout.parts + 1) * state;
    const SoftmaxState total = state_at(first + layout.parts * state, layout.tile_rows, layout.dv);
    clear(total, task.rows());
    for (int64_t p = parts.begin; p < parts.end; p++) {
      merge_part(state_at(first + p * state, layout.tile_rows, layout.dv), task.rows(), total);
    }
    task.store(total);
  });
}

}  // namespace

int64_t offset_of(const AttentionCall& call, int64_t b) {
  if (!call.offsets) return call.fixed_offset;
  return call.offsets->data<int32_t>()[b * call.offsets->strides(0)];
}

int64_t keys_of(const AttentionCall& call, int64_t b) {
  return call.table ? offset_of(call, b) + call.q.shape(2) : call.block_size;
}

KeyRange visible(const AttentionParams& params, int64_t position, int64_t keys) {
  const int64_t begin = params.window > 0 ? std::max<int64_t>(0, position - params.window + 1) : 0;
  const int64_t end = params.causal ? std::min(keys, position + 1) : keys;
  return {begin, std::max(begin, end)};
}

int64_t block_of(const AttentionCall& call, int64_t b, int64_t position) {
  if (!call.table) return b;
  const array& table = *call.table;
  return table
      .data<int32_t>()[b * table.strides(0) + position / call.block_size * table.strides(1)];
}

void load_query(const AttentionCall& call, const Rows& queries, int64_t row, float* to) {
  vectors().load_rows(queries.row(row), float_type(call.q.dtype()), call.keys.dim, call.keys.dim, 1,
                      call.params.scale, to);
}

void store_row(const AttentionCall& call, int64_t row, const SoftmaxState& state, int64_t r) {
  const FloatType type = float_type(call.out.dtype());
  const int64_t n = call.values.dim;
  float sink = 0;
  if (call.sinks) {
    const int64_t head = row / call.q.shape(2) % call.q.shape(1);
    vectors().load(call.sinks->data<std::byte>() +
                       head * call.sinks->strides(0) * static_cast<int64_t>(call.sinks->itemsize()),
                   float_type(call.sinks->dtype()), 1, &sink);
  }
  vectors().finish(state.max[r], state.sum[r], state.out + r * state.dim,
                   call.sinks ? &sink : nullptr, type, n,
                   call.out.data<std::byte>() + row * n * static_cast<int64_t>(size_of(type)));
}

void merge_part(const SoftmaxState& part, int64_t rows, const SoftmaxState& into) {
  for (int64_t r = 0; r < rows; r++) {
    vectors().merge(into.max + r, into.sum + r, into.out + r * into.dim, part.max[r], part.sum[r],
                    part.out + r * part.dim, into.dim);
  }
}

void clear(const SoftmaxState& state, int64_t rows) {
  std::fill_n(state.max, rows, -INFINITY);
  std::fill_n(state.sum, rows, 0.0f);
  std::fill_n(state.out, rows * state.dim, 0.0f);
}

KeyStore::KeyStore(const array& a, const KVFormat& format)
    : data(a.data<std::byte>()),
      type{format.bits ? FloatType::kFloat32 : float_type(a.dtype()), format.bits, format.group},
      dim(format.bits ? format.values_of(a.shape(3)) : a.shape(3)),
      item(static_cast<int64_t>(a.itemsize())),
      block_stride(a.strides(0)),
      head_stride(a.strides(1)),
      position_stride(a.strides(2)),
      dim_stride(a.strides(3)) {}

void KeyStore::load(int64_t block, int64_t head, int64_t position, int64_t count, float* to) const {
  const std::byte* from = row(block, head, position);
  if (type.bits) {
    vectors().load_codes(from, type, dim, position_stride, count, to);
    return;
  }
  if (dim_stride == 1 || dim == 1) {
    vectors().load_rows(from, type.type, dim, position_stride, count, 1.0f, to);
    return;
  }
  auto* gathered = static_cast<std::byte*>(scratch(kRowSlot, static_cast<size_t>(dim * item)));
  for (int64_t t = 0; t < count; t++) {
    gather_items(from + t * position_stride * item, dim_stride, dim, static_cast<size_t>(item),
                 gathered);
    vectors().load_rows(gathered, type.type, dim, dim, 1, 1.0f, to + t * padded(dim));
  }
}

void attend(const AttentionCall& call) {
  int64_t most_keys = 0;
  for (int64_t b = 0; b < call.q.shape(0); b++) most_keys = std::max(most_keys, keys_of(call, b));
  const Layout layout(call, most_keys);
  ThreadPool& pool = ThreadPool::instance();
  const int64_t multiplications =
      layout.batch * layout.heads * layout.length * most_keys * (layout.dk + layout.dv);
  if (pool.threads() == 1 || multiplications < kSmallCall) {
    for (int64_t i = 0; i < layout.tasks; i++) run_task(call, layout, i);
    return;
  }
  const int64_t part_floats = layout.tasks * (layout.parts + 1) * state_floats(layout);
  const bool few = layout.tasks < 2 * pool.threads() && layout.parts > 1;
  if (few && part_floats <= kMaxPartFloats) {
    run_by_parts(call, layout);
  } else {
    pool.run(layout.tasks, [&](int64_t i) { run_task(call, layout, i); });
  }
}

}  // namespace mlxa::cpu
