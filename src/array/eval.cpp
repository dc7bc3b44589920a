// Evaluation: orders the graph, gives every node memory, and lets the back ends compute.
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <unordered_set>

#include "array/backend.h"
#include "array/node.h"

namespace mlxa {
namespace {

std::atomic<uint64_t> fallbacks{0}, chosen{0};

// Graphs share nodes between threads, so that one evaluation runs at a time; the work inside is
// parallel. Recursive: a fallback's graph is evaluated inside its node.
std::recursive_mutex& eval_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

Backend& backend_of(const Primitive& primitive) {
  Backend* backend = backend_for(primitive.stream().device.type);
  if (!backend) {
    throw std::invalid_argument("[eval] the device of " + std::string(primitive.name()) +
                                " is not available here");
  }
  return *backend;
}

// The memory of `in` may become the output's: nobody else can see it, and element i of both lies at
// the same place.
bool can_donate(const array& in, const ArrayDesc& out, const DeviceMemory* memory) {
  const bool may = in.desc_ptr().use_count() == 1 && in.buffer().use_count() == 1 &&
                   in.buffer()->reusable && in.buffer()->home == memory &&
                   in.flags().row_contiguous && in.offset() == 0 && in.size() == out.size &&
                   in.itemsize() == out.dtype.size();
  // use_count() orders nothing: dropping a handle does, so that the reads of a thread which dropped
  // its own come before our writes.
  if (may) std::shared_ptr<Buffer>(in.buffer()).reset();
  return may;
}

std::vector<array> living_outputs(const Node& node) {
  std::vector<array> out;
  for (size_t i = 0; i < node.outputs.size(); i++) {
    auto desc = node.outputs[i].lock();
    if (!desc) {
      desc = std::make_shared<ArrayDesc>(node.output_types[i].first, node.output_types[i].second);
    }
    out.push_back(array(std::move(desc)));
  }
  return out;
}

void run_graph(const std::vector<array>& outputs);

// Gives output descriptions their memory and computes them. On failure they are as before.
void run_node(Node& node) {
  std::vector<array> outputs = living_outputs(node);
  const Primitive& primitive = *node.primitive;
  const OpInfo& info = op_info(primitive.kind());
  if (info.run == RunKind::kView && resolve_view(primitive, node.inputs[0], outputs[0].desc())) {
    outputs[0].desc().completion = node.inputs[0].desc().completion;
    return;
  }
  Backend& backend = backend_of(primitive);
  if (!backend.supports(primitive, node.inputs)) {
    if (!info.fallback) {
      throw std::invalid_argument("[" + std::string(info.name) + "] not supported on " +
                                  std::string(backend.name()) + " for these types");
    }
    fallbacks.fetch_add(1);
    std::vector<array> results = info.fallback(primitive, node.inputs);
    run_graph(results);
    for (size_t i = 0; i < outputs.size(); i++) {
      const array& result = results.at(i);
      outputs[i].desc().set_view(result.buffer(), result.offset(), result.strides(),
                                 result.data_size());
      outputs[i].desc().completion = result.desc().completion;
    }
    return;
  }
  const DeviceMemory* memory = backend.allocator().memory();
  size_t given = 0;
  try {
    for (; given < outputs.size(); given++) {
      ArrayDesc& out = outputs[given].desc();
      out.completion = new_completion(backend);
      if (info.run == RunKind::kInPlace) {
        const array& storage = node.inputs[0];
        out.set_view(storage.buffer(), storage.offset(), storage.strides(), storage.data_size());
        continue;
      }
      const array* donor = nullptr;
      for (const array& in : node.inputs) {
        if (info.run == RunKind::kElementwise && given == 0 && can_donate(in, out, memory)) {
          donor = &in;
        }
      }
      out.set_row_contiguous(donor ? donor->buffer()
                                   : backend.allocator().allocate(out.size * out.dtype.size()));
    }
    if (outputs[0].size() > 0 || outputs.size() > 1) backend.eval(primitive, node.inputs, outputs);
  } catch (...) {
    for (size_t i = 0; i <= given && i < outputs.size(); i++) outputs[i].desc().clear_data();
    throw;
  }
}

// Once computed, a node lets go of its inputs: their memory is free or reusable from here on.
void finish_node(Node& node) {
  std::vector<std::shared_ptr<ArrayDesc>> outputs;  // freed, if by now unused, after the lock
  const std::lock_guard lock(graph_mutex());
  for (const auto& weak : node.outputs) {
    auto desc = weak.lock();
    if (!desc) continue;
    desc->node.reset();  // the caller holds the node
    desc->publish();
    outputs.push_back(std::move(desc));
  }
}

// On the CPU the outputs are there afterwards; a device may still be at work.
void run_graph(const std::vector<array>& outputs) {
  for (std::shared_ptr<Node>& node : topological_order(outputs)) {
    run_node(*node);
    finish_node(*node);
    node.reset();
  }
}

}  // namespace

uint64_t fallback_count() noexcept { return fallbacks.load(); }
uint64_t chosen_bytes() noexcept { return chosen.load(); }
void add_chosen_bytes(uint64_t bytes) noexcept { chosen.fetch_add(bytes); }

Backend* backend_for(Device::DeviceType type) {
  // Leaked on purpose: arrays in static storage, and their memory, may outlive any other order.
  static const BackendSet& set = *new BackendSet(register_backends());
  return type == Device::DeviceType::cpu ? set.cpu.get() : set.gpu.get();
}

std::vector<std::shared_ptr<Node>> topological_order(const std::vector<array>& outputs) {
  struct Visit {
    std::shared_ptr<Node> node;
    size_t next_input = 0;
  };
  std::vector<std::shared_ptr<Node>> order;
  std::unordered_set<const Node*> seen;
  std::vector<Visit> stack;
  auto push = [&](const array& a) {
    if (a.is_available()) return;
    if (!a.desc().node) {
      throw std::invalid_argument("[eval] an array whose computation failed or was dropped");
    }
    if (seen.insert(a.desc().node.get()).second) stack.push_back({a.desc().node, 0});
  };
  for (const array& output : outputs) {
    push(output);
    while (!stack.empty()) {
      Visit& visit = stack.back();
      if (visit.next_input < visit.node->inputs.size()) {
        const array input = visit.node->inputs[visit.next_input++];
        push(input);
        continue;
      }
      order.push_back(std::move(visit.node));
      stack.pop_back();
    }
  }
  return order;
}

std::shared_ptr<Completion> new_completion(Backend& backend) {
  return backend.allocator().memory() ? std::make_shared<Completion>(Completion{backend}) : nullptr;
}

void wait_for(const array& a) {
  const std::shared_ptr<Completion>& completion = a.desc().completion;
  if (!completion) return;
  completion->backend.synchronize();
  if (completion->error) std::rethrow_exception(completion->error);
}

void eval(std::vector<array> outputs) {
  async_eval(outputs);
  for (const array& output : outputs) wait_for(output);
}

void async_eval(std::vector<array> outputs) {
  const std::lock_guard lock(eval_mutex());
  run_graph(outputs);
}

}  // namespace mlxa
