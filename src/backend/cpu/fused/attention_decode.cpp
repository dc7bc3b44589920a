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
// parallel: few keys, so that short sequences spread over threads, then more, since a part costs
// about as much as 30 keys. A constant of the arithmetic.
int64_t part_begin(int64_t part) {
  return part < 4 ? part * 128 : part < 11 ? (part - 3) * 512 : (part - 7) * 1024;
}
int64_t part_of(int64_t key) {
  return key < 512 ? key / 128 : key < 4096 ? 3 + key / 512 : 7 + key / 1024;
}

// Keys and values in bytes below which one thread does everything.
constexpr int64_t kSmallBytes = 1 << 15;
// Tasks per thread from which they balance by themselves.
constexpr int64_t kTasksPerThread = 4;
// Partial results are kept up to this many floats.
constexpr int64_t kMaxPartFloats = int64_t{1} << 24;

StoredRows stored_rows(const KeyStore& store) {
  return {store.dim, store.position_stride * store.item};
}

struct Layout {
  int64_t heads, length, group, tasks, dk, dv, passes;
  int64_t query_floats = 0;  ///< of a task, as decode_tile takes them

  explicit Layout(const AttentionCall& call)
      : heads(call.q.shape(1)),
        length(call.q.shape(2)),
        group(heads / call.kv_heads),
        tasks(call.q.shape(0) * call.kv_heads * length),
        dk(padded(call.keys.dim)),
        dv(padded(call.values.dim)),
        passes((group + kDecodeRows - 1) / kDecodeRows) {
    for (int64_t pass = 0; pass < passes; pass++) query_floats += pass_floats(call, pass);
  }

  // Heads beyond kDecodeRows go through each tile again, while it is in the cache.
  int64_t first_row(int64_t pass) const { return group * pass / passes; }
  DecodeAttention shape_of(const AttentionCall& call, int64_t pass, const float* queries) const {
    return {call.keys.type,
            stored_rows(call.keys),
            stored_rows(call.values),
            first_row(pass + 1) - first_row(pass),
            queries,
            call.rounds};
  }
  // Of the queries of a pass.
  int64_t pass_floats(const AttentionCall& call, int64_t pass) const {
    const DecodeAttention shape = shape_of(call, pass, nullptr);
    const int64_t made = vectors().decode_query_floats(shape);
    return made ? made : shape.rows * dk;
  }

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

  // As decode_tile takes them, pass by pass.
  void load_queries(float* to) const {
    if (layout_.query_floats == layout_.group * layout_.dk) return load_rows(to);
    auto* rows = scratch_of<float>(kTileSlot, static_cast<size_t>(layout_.group * layout_.dk));
    load_rows(rows);
    for (int64_t pass = 0; pass < layout_.passes; pass++) {
      vectors().decode_queries(layout_.shape_of(call_, pass, nullptr),
                               rows + layout_.first_row(pass) * layout_.dk, to);
      to += layout_.pass_floats(call_, pass);
    }
  }

  // The state of the rows after part `part` alone.
  void run_part(int64_t part, const float* queries, float* memory) const {
    const SoftmaxState result = state_at(memory, layout_.group, layout_.dv);
    std::fill_n(result.out, layout_.group * layout_.dv, 0.0f);
    const int64_t begin = std::max(part_begin(part), seen_.begin);
    const int64_t end = std::min(part_begin(part + 1), seen_.end);
    for (int64_t pass = 0; pass < layout_.passes; pass++) {
      const DecodeAttention shape = layout_.shape_of(call_, pass, queries);
      const int64_t row = layout_.first_row(pass);
      DecodeState state;
      std::fill_n(state.max, kDecodeLanes, -INFINITY);
      std::fill_n(state.sum, kDecodeLanes, 0.0f);
      state.out = result.out + row * layout_.dv;
      run_tiles(shape, {begin, end}, state);
      std::copy_n(state.max, shape.rows, result.max + row);
      std::copy_n(state.sum, shape.rows, result.sum + row);
      queries += layout_.pass_floats(call_, pass);
    }
  }

  void store(const SoftmaxState& state) const {
    for (int64_t g = 0; g < layout_.group; g++) store_row(call_, row_index(g), state, g);
  }

  KeyRange seen() const { return seen_; }

 private:
  void load_rows(float* to) const {
    const array& q = call_.q;
    if (q.strides(3) == 1) {  // the group's heads lie evenly
      const int64_t first =
          batch_ * q.strides(0) + kv_head_ * layout_.group * q.strides(1) + query_ * q.strides(2);
      vectors().load_rows(q.data<std::byte>() + first * static_cast<int64_t>(q.itemsize()),
                          float_type(q.dtype()), call_.keys.dim, q.strides(1), layout_.group,
                          call_.params.scale, to);
      return;
    }
    const Rows queries(q);
    for (int64_t g = 0; g < layout_.group; g++) {
      load_query(call_, queries, row_index(g), to + g * layout_.dk);
    }
  }

  int64_t row_index(int64_t g) const {
    const int64_t head = kv_head_ * layout_.group + g;
    return (batch_ * layout_.heads + head) * layout_.length + query_;
  }

  // Keys from `first` on, up to `end`, that one tile takes.
  DecodeTile tile_at(int64_t first, int64_t end) const {
    const int64_t within = first % call_.block_size, block = block_of(call_, batch_, first);
    const int64_t room = std::min(kDecodeKeys - within % kDecodeKeys, call_.block_size - within);
    return {call_.keys.row(block, kv_head_, within), call_.values.row(block, kv_head_, within),
            std::min(room, end - first), nullptr, nullptr};
  }

  // The first tile after `keys` is fetched too: the thread's next part mostly begins with it.
  void run_tiles(const DecodeAttention& shape, KeyRange keys, DecodeState& state) const {
    DecodeTile tile = tile_at(keys.begin, keys.end);
    for (int64_t first = keys.begin; first < keys.end;) {
      first += tile.count;
      DecodeTile next{};
      if (first < seen_.end) next = tile_at(first, std::max(keys.end, first + 1));
      tile.next_keys = next.keys;
      tile.next_values = next.values;
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

// Memory of a call, all of it the caller's: what a worker's share of the tasks happens to be
// decides no allocation. The scaled queries of every task, and states.
class Memory {
 public:
  Memory(const AttentionCall& call, const Layout& layout, int64_t states)
      : layout_(layout),
        queries_(
            scratch_of<float>(kOperandSlot, static_cast<size_t>(layout.tasks * layout.query_floats +
                                                                states * layout.state_floats()))) {
    for (int64_t i = 0; i < layout.tasks; i++) {
      Task(call, layout, i).load_queries(queries_ + i * layout.query_floats);
    }
  }

  const float* queries(int64_t task) const { return queries_ + task * layout_.query_floats; }
  float* floats(int64_t state) const {
    return queries_ + layout_.tasks * layout_.query_floats + state * layout_.state_floats();
  }
  SoftmaxState state(int64_t index) const {
    return state_at(floats(index), layout_.group, layout_.dv);
  }

 private:
  const Layout& layout_;
  float* queries_;
};

// A whole task on this thread, in states 2 * index and the next.
void run_task(const AttentionCall& call, const Layout& layout, const Memory& memory,
              int64_t index) {
  const Task task(call, layout, index);
  const SoftmaxState total = memory.state(2 * index), part = memory.state(2 * index + 1);
  const KeyRange parts = task.parts();
  if (parts.begin == parts.end) clear(total, layout.group);
  for (int64_t p = parts.begin; p < parts.end; p++) {
    const bool first = p == parts.begin;  // merged with nothing it would be what it is
    task.run_part(p, memory.queries(index), memory.floats(first ? 2 * index : 2 * index + 1));
    if (!first) merge_part(part, layout.group, total);
  }
  task.store(total);
}

// Every part of every task is a chunk of its own; whoever finishes a task's last part merges them.
void run_by_parts(const AttentionCall& call, const Layout& layout, int64_t slots) {
  struct alignas(64) Counter {  // threads work on different tasks
    std::atomic<int64_t> done{0};
  };
  const int64_t per_state = layout.state_floats();
  const int64_t counter_floats =
      layout.tasks * static_cast<int64_t>(sizeof(Counter) / sizeof(float));
  const int64_t states = layout.tasks * slots;
  const Memory memory(call, layout, states + (counter_floats + per_state - 1) / per_state);
  auto* counters = reinterpret_cast<Counter*>(memory.floats(states));
  for (int64_t i = 0; i < layout.tasks; i++) new (counters + i) Counter();
  ThreadPool::instance().run(layout.tasks * slots, [&](int64_t chunk) {
    const int64_t index = chunk / slots, slot = chunk % slots, first = index * slots;
    const Task task(call, layout, index);
    const KeyRange parts = task.parts();
    const int64_t used = parts.end - parts.begin;
    if (slot < used) {
      task.run_part(parts.begin + slot, memory.queries(index), memory.floats(first + slot));
    }
    if (counters[index].done.fetch_add(1, std::memory_order_acq_rel) + 1 < slots) return;
    const SoftmaxState total = memory.state(first);
    if (used == 0) clear(total, layout.group);
    for (int64_t i = 1; i < used; i++) merge_part(memory.state(first + i), layout.group, total);
    task.store(total);
  });
}

}  // namespace

bool can_decode(const AttentionCall& call) {
  const auto contiguous = [](const KeyStore& s) { return s.dim_stride == 1 || s.dim == 1; };
  return !call.mask && call.keys.dim > 0 && call.keys.type.type == call.values.type.type &&
         contiguous(call.keys) && contiguous(call.values);
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
  if (pool.threads() > 1 && bytes >= kSmallBytes && parts > 1 &&
      layout.tasks < kTasksPerThread * pool.threads() &&
      layout.tasks * parts * layout.state_floats() <= kMaxPartFloats) {
    run_by_parts(call, layout, parts);
    return;
  }
  const Memory memory(call, layout, 2 * layout.tasks);
  const auto run = [&](int64_t i) { run_task(call, layout, memory, i); };
  if (pool.threads() == 1 || bytes < kSmallBytes) {
    for (int64_t i = 0; i < layout.tasks; i++) run(i);
  } else {
    pool.run(layout.tasks, run);
  }
}

}  // namespace mlxa::cpu
