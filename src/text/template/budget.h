// What one rendering may use: steps, memory, stack.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "text/template/failure.h"
#include "text/template/limits.h"

namespace mlxa::jinja {

/// A value that can come to refer to itself, so that nobody would free it.
class Clearable {
 public:
  virtual ~Clearable() = default;
  /// Drops all references.
  virtual void clear() = 0;
};

/// The counters of one rendering. The rendering thread's budget is found through current(), so
/// that every function on values can charge it without passing it along.
class Budget {
 public:
  Budget() = default;
  ~Budget() {
    for (const auto& value : kept_) value->clear();
  }
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

  /// The budget of the rendering that runs on this thread; null outside of one.
  static Budget* current() { return current_; }

  /// Charges `count` steps. Throws kLimit.
  static void steps(uint64_t count) {
    if (!current_) return;
    current_->steps_ += count;
    if (current_->steps_ > kMaxSteps) fail(FailureKind::kLimit, "too many steps");
  }
  /// Charges the steps of moving `bytes`.
  static void work(size_t bytes) { steps(1 + bytes / kBytesPerStep); }

  /// Charges the steps of looking at `bytes` one by one.
  static void scan(size_t bytes) { steps(1 + bytes / kScannedPerStep); }

  void hold(size_t bytes) {
    if (bytes > kMaxMemoryBytes - held_) fail(FailureKind::kLimit, "too much memory");
    held_ += bytes;
  }
  void release(size_t bytes) { held_ -= bytes; }

  /// Holds `value` until the end of the rendering, and clears it then.
  static void keep(std::shared_ptr<Clearable> value) {
    if (current_) current_->kept_.push_back(std::move(value));
  }

  /// Makes a budget the thread's current one for a scope.
  class Scope {
   public:
    explicit Scope(Budget& budget) : previous_(current_) { current_ = &budget; }
    ~Scope() { current_ = previous_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Budget* previous_;
  };

  /// One level of recursion. Throws kLimit.
  class Level {
   public:
    Level() : budget_(current_) {
      if (budget_ && ++budget_->depth_ > kMaxDepth) {
        budget_->depth_--;
        fail(FailureKind::kLimit, "nested or recursing too deeply");
      }
    }
    ~Level() {
      if (budget_) budget_->depth_--;
    }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Budget* budget_;
  };

 private:
  inline static thread_local Budget* current_ = nullptr;
  uint64_t steps_ = 0;
  size_t held_ = 0;
  int depth_ = 0;
  std::vector<std::shared_ptr<Clearable>> kept_;
};

/// Base of the values that live on the heap: counts their bytes in the budget they were made in.
class Counted {
 public:
  explicit Counted(size_t bytes) : budget_(Budget::current()), bytes_(bytes) {
    if (budget_) budget_->hold(bytes_);
  }
  ~Counted() {
    if (budget_) budget_->release(bytes_);
  }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  /// Counts `bytes` more, of a value that grew.
  void grow(size_t bytes) {
    if (!budget_) return;
    budget_->hold(bytes);
    bytes_ += bytes;
  }

 private:
  Budget* budget_;
  size_t bytes_;
};

}  // namespace mlxa::jinja
