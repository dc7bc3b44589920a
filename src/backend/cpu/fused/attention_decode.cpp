// Attention of single positions: reading the keys and values once is all the work.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <new>

#include "backend/cpu/fused/attention.h"
#include "base/thread_pool.h"

namespace mlxa::cpu {
namespace {

// A sequence's keys are cut into parts that start from an empty softmax, so that parts can run in
// parallel: few keys, so that short sequences spread over threads, then more. A constant of the
// arithmetic.
constexpr int64_t kFirstParts = 4, kFirstPartKeys = 128, kPartKeys = 512;
static_assert(kFirstParts * kFirstPartKeys == kPartKeys);

int64_t part_begin(int64_t part) {
  return part < kFirstParts ? part * kFirstPartKeys : (part - kFirstParts + 1) * kPartKeys;
}
int64_t part_of(int64_t key) {
  return key < kPartKeys ? key / kFirstPartKeys : kFirstParts - 1 + key / kPartKeys;
}

// Keys and values in bytes below which one thread does everything.
constexpr int64_t kSmallBytes = 1 << 15;
// Tasks per thread from which they balance by themselves.
constexpr int64_t kTasksPerThread = 4;
// Partial results are kept up to this many floats.
constexpr int64_t kMaxPartFloats = int64_t{1} << 24;

StoredRows stored_rows(const KeyStore& store) {
  return {store.dim, store.position_stride * static_cast<int64_t>(size_of(store.type))};
}

struct Layout {
  int64_t heads, length, group, tasks, dk, dv, passes;

  explicit Layout(const AttentionCall& call)
      : heads(call.q.shape(1)),
        length(call.q.shape(2)),
        group(heads / call.kv_heads),
        tasks(call.q.shape(0) * call.kv_heads * length),
        dk(padded(call.keys.dim)),
        dv(padded(call.values.dim)),
        passes((group + kDecodeRows - 1) / kDecodeRows) {}

  // Memory of a state of the group's rows, in whole cache lines.
  int64_t state_floats() const { return padded(group * (dv + 2)); }
};

// The query heads of one key head at one position of one sequence.
class Task {
 public:
  Task(const AttentionCall& call, const Layout& layout, int64_t index)
      : call_(call),
        layout_(layout),
        batch_(index / (call.kv_heads * layout.length)),
        kv_head_(index / layout.length % call.kv_heads),
        query_(index % layout.length),
        seen_(visible(call.params, offset_of(call, batch_) + query_, keys_of(call, batch_))) {}

  KeyRange parts() const {
    if (seen_.begin == seen_.end) return {0, 0};
    return {part_of(seen_.begin), part_of(seen_.end - 1) + 1};
  }

  void load_queries(float* to) const {
    const Rows queries(call_.q);
    for (int64_t g = 0; g < layout_.group; g++) {
      load_query(call_, queries, row_index(g), to + g * layout_.dk);
    }
  }

  // The state of the rows after part `part` alone. `fetch_end`: keys before it are wanted next.
  void run_part(int64_t part, const float* queries, int64_t fetch_end, float* memory) const {
    const SoftmaxState result = state_at(memory, layout_.group, layout_.dv);
    std::fill_n(result.out, layout_.group * layout_.dv, 0.0f);
    DecodeAttention shape{call_.keys.type, stored_rows(call_.keys), stored_rows(call_.values), 0,
                          nullptr};
    const int64_t begin = std::max(part_begin(part), seen_.begin);
    const int64_t end = std::min(part_begin(part + 1), seen_.end);
    // Heads beyond kDecodeRows go through each tile again, while it is in the cache.
    for (int64_t pass = 0, row = 0; pass < layout_.passes; row += shape.rows, pass++) {
      shape.rows = layout_.group * (pass + 1) / layout_.passes - row;
      shape.q = queries + row * layout_.dk;
      DecodeState state;
      std::fill_n(state.max, kDecodeLanes, -INFINITY);
      std::fill_n(state.sum, kDecodeLanes, 0.0f);
      state.out = result.out + row * layout_.dv;
      run_tiles(shape, {begin, end}, fetch_end, state);
      std::copy_n(state.max, shape.rows, result.max + row);
      std::copy_n(state.sum, shape.rows, result.sum + row);
    }
  }

  void store(const SoftmaxState& state) const {
    for (int64_t g = 0; g < layout_.group; g++) store_row(call_, row_index(g), state, g);
  }

  KeyRange seen() const { return seen_; }

 private:
  int64_t row_index(int64_t g) const {
    const int64_t head = kv_head_ * layout_.group + g;
    return (batch_ * layout_.heads + head) * layout_.length + query_;
  }

  // Keys from `first` on, up to `end`, that one tile takes.
  DecodeTile tile_at(int64_t first, int64_t end) const {
    const int64_t within = first % call_.block_size, block = block_of(call_, batch_, first);
    const int64_t room = std::min(kDecodeKeys - within % kDecodeKeys, call_.block_size - within);
    return {call_.keys.row(block, kv_head_, within), call_.values.row(block, kv_head_, within),
            std::min(room, end - first), nullptr};
  }

  void run_tiles(const DecodeAttention& shape, KeyRange keys, int64_t fetch_end,
                 DecodeState& state) const {
    DecodeTile tile = tile_at(keys.begin, keys.end);
    for (int64_t first = keys.begin; first < keys.end;) {
      first += tile.count;
      DecodeTile next{};
      if (first < fetch_end) next = tile_at(first, std::max(keys.end, first + 1));
      tile.next_keys = next.keys;
      vectors().decode_tile(shape, tile, state);
      tile = next;
    }
    vectors().decode_total(shape, state);
  }

  const AttentionCall& call_;
  const Layout& layout_;
  int64_t batch_, kv_head_, query_;
  KeyRange seen_;
};

// A whole task on this thread.
void run_task(const AttentionCall& call, const Layout& layout, int64_t index) {
  const Task task(call, layout, index);
  const int64_t query_floats = layout.group * layout.dk, state = layout.state_floats();
  auto* memory = scratch_of<float>(kTileSlot, static_cast<size_t>(query_floats + 2 * state));
  float *first = memory + query_floats, *part = first + state;
  const SoftmaxState total = state_at(first, layout.group, layout.dv);
  task.load_queries(memory);
  clear(total, layout.group);
  const KeyRange parts = task.parts();
  for (int64_t p = parts.begin; p < parts.end; p++) {
    task.run_part(p, memory, task.seen().end, part);
    merge_part(state_at(part, layout.group, layout.dv), layout.group, total);
  }
  task.store(total);
}

// Every part of every task is a chunk of its own; whoever finishes a task's last part merges them.
class PartRun {
 public:
  PartRun(const AttentionCall& call, const Layout& layout, int64_t parts)
      : call_(call), layout_(layout), parts_(parts) {
    const int64_t counters = layout.tasks * static_cast<int64_t>(sizeof(Counter) / sizeof(float));
    auto* memory = scratch_of<float>(kOperandSlot,
                                     static_cast<size_t>(padded(counters) + floats(layout, parts)));
    counters_ = reinterpret_cast<Counter*>(memory);
    results_ = memory + padded(counters);
    for (int64_t i = 0; i < layout.tasks; i++) new (counters_ + i) Counter(0);
  }

  static int64_t floats(const Layout& layout, int64_t parts) {
    return layout.tasks * (parts + 1) * layout.state_floats();
  }

  void run() {
    ThreadPool::instance().run(layout_.tasks * parts_, [&](int64_t chunk) {
      const int64_t index = chunk / parts_, slot = chunk % parts_;
      const Task task(call_, layout_, index);
      const KeyRange parts = task.parts();
      const int64_t used = parts.end - parts.begin;
      if (slot < used) {
        const int64_t part = parts.begin + slot;
        auto* queries =
            scratch_of<float>(kTileSlot, static_cast<size_t>(layout_.group * layout_.dk));
        task.load_queries(queries);
        task.run_part(part, queries, std::min(part_begin(part + 1), task.seen().end),
                      state(index, slot));
      }
      if (counters_[index].fetch_add(1, std::memory_order_acq_rel) + 1 < parts_) return;
      const SoftmaxState total = at(index, parts_);
      clear(total, layout_.group);
      for (int64_t p = 0; p < used; p++) merge_part(at(index, p), layout_.group, total);
      task.store(total);
    });
  }

 private:
  using Counter = std::atomic<int64_t>;
  float* state(int64_t task, int64_t part) const {
    return results_ + (task * (parts_ + 1) + part) * layout_.state_floats();
  }
  SoftmaxState at(int64_t task, int64_t part) const {
    return state_at(state(task, part), layout_.group, layout_.dv);
  }

  const AttentionCall& call_;
  const Layout& layout_;
  int64_t parts_;
  Counter* counters_;
  float* results_;
};

}  // namespace

bool can_decode(const AttentionCall& call) {
  const auto contiguous = [](const KeyStore& s) { return s.dim_stride == 1 || s.dim == 1; };
  return !call.mask && call.keys.type == call.values.type && contiguous(call.keys) &&
         contiguous(call.values);
}

void attend_decode(const AttentionCall& call) {
  const Layout layout(call);
  int64_t parts = 0, keys = 0;
  for (int64_t b = 0; b < call.q.shape(0); b++) {
    for (int64_t i = 0; i < layout.length; i++) {
      const Task task(call, layout, b * call.kv_heads * layout.length + i);
      const KeyRange used = task.parts();
      parts = std::max(parts, used.end - used.begin);
      keys += task.seen().end - task.seen().begin;
    }
  }
  const int64_t bytes =
      keys * call.kv_heads * (stored_rows(call.keys).stride + stored_rows(call.values).stride);
  ThreadPool& pool = ThreadPool::instance();
  if (pool.threads() == 1 || bytes < kSmallBytes) {
    for (int64_t i = 0; i < layout.tasks; i++) run_task(call, layout, i);
  } else if (parts > 1 && layout.tasks < kTasksPerThread * pool.threads() &&
             PartRun::floats(layout, parts) <= kMaxPartFloats) {
    PartRun(call, layout, parts).run();
  } else {
    pool.run(layout.tasks, [&](int64_t i) { run_task(call, layout, i); });
  }
}

}  // namespace mlxa::cpu
