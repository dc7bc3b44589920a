// Plans: graphs that are ordered and given memory once, then run many times.
#pragma once

#include <memory>
#include <vector>

#include "array/backend.h"
#include "array/node.h"

namespace mlxa {

/// A traced graph whose every array has its final memory. Running it computes the same nodes again
/// from whatever the leaves (the evaluated arrays it was built on) hold then: nothing is built,
/// ordered or allocated. A decode step is one: its tokens, offsets and block table are leaves.
/// Not thread-safe; arrays that the plan returned are overwritten by each run.
class Plan {
 public:
  /// Plans the computation of `outputs`, which stay unevaluated until the first run. The graph is
  /// consumed: its arrays now belong to the plan.
  explicit Plan(std::vector<array> outputs);
  Plan(Plan&&) = default;
  Plan& operator=(Plan&&) = default;

  /// Computes all outputs, or queues that on their device: then reading them waits. Throws what a
  /// node threw, or reading throws it; the plan can be run again.
  void run();
  /// The same, and returns the seconds that the back end's calls took: what is left of the time
  /// around it went into the library itself.
  double run_timed();

  /// The arrays given to the constructor, evaluated by run.
  const std::vector<array>& outputs() const { return outputs_; }

  /// Nodes that run, views not counted.
  size_t steps() const { return steps_.size(); }
  /// Calls of back ends that a run makes for them: some nodes run together.
  size_t calls() const;
  /// Bytes of memory for intermediate results.
  size_t workspace_bytes() const { return workspace_bytes_; }

 private:
  struct Step {
    Backend* backend;
    std::shared_ptr<Primitive> primitive;
    std::vector<array> inputs;
    std::vector<array> outputs;
    size_t together = 1;  // this step and those after it that run as one
  };

  // Runs step i and what runs together with it, and returns the step after them.
  size_t run_from(size_t i);

  std::vector<array> outputs_;
  std::vector<Step> steps_;
  std::vector<NodeCall> calls_;  // of the steps
  size_t workspace_bytes_ = 0;
};

}  // namespace mlxa
