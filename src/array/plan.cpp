#include "array/plan.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <unordered_map>

namespace mlxa {
namespace {

using Order = std::vector<std::shared_ptr<Node>>;

Backend& backend_of(const Primitive& primitive) {
  Backend* backend = backend_for(primitive.stream().device.type);
  if (!backend) throw std::invalid_argument("[plan] the device of a node is not available here");
  return *backend;
}

bool runs_as_view(const Node& node) {
  return op_info(node.primitive->kind()).run == RunKind::kView;
}

// Replaces nodes that no kernel serves by their fallback graphs; the node's outputs become views of
// the graph's results.
Order order_with_fallbacks(const std::vector<array>& outputs) {
  while (true) {
    Order order = topological_order(outputs);
    bool changed = false;
    for (const std::shared_ptr<Node>& node : order) {
      const Primitive& primitive = *node->primitive;
      if (runs_as_view(*node) || backend_of(primitive).supports(primitive, node->inputs)) continue;
      const OpInfo& info = op_info(primitive.kind());
      if (!info.fallback) {
        throw std::invalid_argument("[" + std::string(info.name) +
                                    "] not supported on this device");
      }
      const std::vector<array> results = info.fallback(primitive, node->inputs);
      for (size_t i = 0; i < node->outputs.size(); i++) {
        auto desc = node->outputs[i].lock();
        if (!desc) continue;
        auto view = std::make_shared<Node>();
        view->primitive = std::make_shared<StopGradient>(primitive.stream(), NoParams{});
        view->inputs = {results.at(i)};
        view->outputs = {desc};
        view->output_types = {{desc->shape, desc->dtype}};
        desc->node = std::move(view);
        desc->output_index = 0;
      }
      changed = true;
    }
    if (!changed) return order;
  }
}

// How far behind a node others are looked for that can run together with it: past the rotations and
// reshapes between the products of one layer.
constexpr size_t kTogetherWindow = 16;

bool reads_output_of(const Node& node, const Node& earlier) {
  for (const array& in : node.inputs) {
    if (in.desc().node.get() == &earlier) return true;
  }
  return false;
}

bool joins(const Node& a, const Node& b) {
  if (runs_as_view(a) || runs_as_view(b) || a.inputs.empty() || b.inputs.empty()) return false;
  Backend& backend = backend_of(*a.primitive);
  return &a.inputs[0].desc() == &b.inputs[0].desc() && &backend == &backend_of(*b.primitive) &&
         backend.joins(*a.primitive, a.inputs, *b.primitive, b.inputs);
}

// For nodes that run together with another: the one that comes first.
using Leaders = std::unordered_map<const Node*, const Node*>;

// Moves nodes up to stand behind those that they join. Whatever they pass neither makes an input of
// theirs nor reads their results, which the order had behind them.
Leaders bring_together(Order& order) {
  Leaders leaders;
  for (size_t i = 0; i < order.size(); i++) {
    size_t end = i + 1;
    for (size_t j = end; j < order.size() && j < i + kTogetherWindow; j++) {
      if (!joins(*order[i], *order[j])) continue;
      bool free = true;
      for (size_t p = i; p < j; p++) free = free && !reads_output_of(*order[j], *order[p]);
      if (!free) continue;
      std::rotate(order.begin() + static_cast<std::ptrdiff_t>(end),
                  order.begin() + static_cast<std::ptrdiff_t>(j),
                  order.begin() + static_cast<std::ptrdiff_t>(j) + 1);
      leaders.emplace(order[end].get(), order[i].get());
      end++;
    }
    i = end - 1;
  }
  return leaders;
}

// Hands out memory for the plan's intermediate results, again once its last reader has run.
class Arena {
 public:
  explicit Arena(size_t& total) : total_(total) {}

  std::shared_ptr<Buffer> take(CachingAllocator& allocator, size_t bytes) {
    auto& free = free_[allocator.memory()];
    auto found = free.lower_bound(bytes);
    if (found != free.end()) {
      std::shared_ptr<Buffer> buffer = std::move(found->second);
      free.erase(found);
      return buffer;
    }
    auto buffer = allocator.allocate(bytes);
    total_ += buffer->bytes;
    return buffer;
  }

  void give_back(std::shared_ptr<Buffer> buffer) {
    const DeviceMemory* memory = buffer->home;
    const size_t bytes = buffer->bytes;
    free_[memory].emplace(bytes, std::move(buffer));
  }

 private:
  std::map<const DeviceMemory*, std::multimap<size_t, std::shared_ptr<Buffer>>> free_;
  size_t& total_;
};

// For every description, the one whose memory it shows, and for those the last node that reads it.
struct Lifetimes {
  std::unordered_map<const ArrayDesc*, const ArrayDesc*> root;
  std::unordered_map<const ArrayDesc*, size_t> last_use;

  const ArrayDesc* root_of(const array& a) const {
    auto found = root.find(&a.desc());
    return found == root.end() ? &a.desc() : found->second;
  }

  Lifetimes(const Order& order, const std::vector<array>& outputs) {
    for (size_t i = 0; i < order.size(); i++) {
      const Node& node = *order[i];
      const RunKind run = op_info(node.primitive->kind()).run;
      for (const array& in : node.inputs) last_use[root_of(in)] = i;
      for (const auto& weak : node.outputs) {
        auto desc = weak.lock();
        if (!desc) continue;
        // A view may have to be computed after all; then its input simply lives longer.
        const bool shares = run == RunKind::kView || run == RunKind::kInPlace;
        root[desc.get()] = shares ? root_of(node.inputs[0]) : desc.get();
        last_use.emplace(root[desc.get()], i);
      }
    }
    for (const array& out : outputs) last_use[root_of(out)] = SIZE_MAX;
  }
};

}  // namespace

Plan::Plan(std::vector<array> outputs) : outputs_(std::move(outputs)) {
  Order order = order_with_fallbacks(outputs_);
  const Leaders leaders = bring_together(order);
  const Node* leader = nullptr;  // of the last step
  size_t leading = 0;            // its step
  const Lifetimes lifetimes(order, outputs_);
  Arena arena(workspace_bytes_);
  std::unordered_map<const ArrayDesc*, std::shared_ptr<Buffer>> owned;
  // Memory of a view that had to be copied is never given back early: its readers are counted on
  // the array it was to share with.
  for (size_t i = 0; i < order.size(); i++) {
    Node& node = *order[i];
    const RunKind run = op_info(node.primitive->kind()).run;
    Step step{nullptr, node.primitive, node.inputs, {}};
    for (size_t o = 0; o < node.outputs.size(); o++) {
      auto desc = node.outputs[o].lock();
      const auto& [shape, dtype] = node.output_types[o];
      if (!desc) desc = std::make_shared<ArrayDesc>(shape, dtype);
      step.outputs.push_back(array(std::move(desc)));
    }
    ArrayDesc& first = step.outputs[0].desc();
    if (run == RunKind::kView && resolve_view(*node.primitive, node.inputs[0], first)) {
      first.completion = node.inputs[0].desc().completion;
      continue;
    }
    step.backend = &backend_of(*node.primitive);
    const array* donor = nullptr;
    for (const array& in : node.inputs) {
      const ArrayDesc* root = lifetimes.root_of(in);
      const bool dies = owned.count(root) && lifetimes.last_use.at(root) == i;
      const bool fits = in.buffer()->home == step.backend->allocator().memory() &&
                        in.flags().row_contiguous && in.offset() == 0 && in.size() == first.size &&
                        in.itemsize() == first.dtype.size();
      if (run == RunKind::kElementwise && dies && fits) donor = &in;
    }
    for (size_t o = 0; o < step.outputs.size(); o++) {
      ArrayDesc& out = step.outputs[o].desc();
      out.completion = new_completion(*step.backend);
      if (run == RunKind::kInPlace) {
        const array& storage = node.inputs[0];
        out.set_view(storage.buffer(), storage.offset(), storage.strides(), storage.data_size());
      } else if (o == 0 && donor) {
        const ArrayDesc* root = lifetimes.root_of(*donor);
        out.set_row_contiguous(donor->buffer());
        owned.erase(root);
        owned[&out] = out.buffer;
      } else {
        const size_t bytes = std::max<size_t>(out.size, 1) * out.dtype.size();
        out.set_row_contiguous(arena.take(step.backend->allocator(), bytes));
        if (run != RunKind::kView) owned[&out] = out.buffer;
      }
    }
    for (const array& in : node.inputs) {
      auto found = owned.find(lifetimes.root_of(in));
      if (found == owned.end() || lifetimes.last_use.at(found->first) != i) continue;
      arena.give_back(std::move(found->second));
      owned.erase(found);
    }
    if (first.size == 0 && step.outputs.size() == 1) continue;
    const auto found = leaders.find(&node);
    if (found != leaders.end() && found->second == leader) {
      steps_[leading].together++;
    } else {
      leader = &node;
      leading = steps_.size();
    }
    steps_.push_back(std::move(step));
  }
  for (Step& step : steps_) calls_.push_back({step.primitive.get(), step.inputs, step.outputs});
  for (const std::shared_ptr<Node>& node : order) {
    for (const auto& weak : node->outputs) {
      auto desc = weak.lock();
      if (!desc) continue;
      desc->node.reset();
      desc->publish();
    }
  }
}

size_t Plan::run_from(size_t i) {
  const Step& step = steps_[i];
  if (step.together == 1) {
    step.backend->eval(*step.primitive, calls_[i].inputs, calls_[i].outputs);
  } else {
    step.backend->eval_together(std::span(calls_).subspan(i, step.together));
  }
  return i + step.together;
}

size_t Plan::calls() const {
  size_t count = 0;
  for (size_t i = 0; i < steps_.size(); i += steps_[i].together) count++;
  return count;
}

void Plan::run() {
  for (size_t i = 0; i < steps_.size();) i = run_from(i);
}

double Plan::run_timed() {
  using Clock = std::chrono::steady_clock;
  Clock::duration inside{0};
  for (size_t i = 0; i < steps_.size();) {
    const Clock::time_point begin = Clock::now();
    i = run_from(i);
    inside += Clock::now() - begin;
  }
  return std::chrono::duration<double>(inside).count();
}

}  // namespace mlxa
