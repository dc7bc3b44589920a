// The one thread pool: every parallel loop of the library runs on it.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace mlxa {

/// Workers that share the chunks of one loop at a time; the caller is one of them. A worker spins
/// briefly after a loop, so that the many short loops of a token cost no system call, then sleeps:
/// an idle program uses no processor. Loops from several threads queue. A loop inside a loop runs
/// on the thread that meets it.
class ThreadPool {
 public:
  /// The process's pool: MLXA_THREADS, or as many threads as processors this process may use.
  static ThreadPool& instance();

  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Threads that loops may use, the caller included.
  int threads() const;
  /// Changes the number of threads for loops to come, from 1 to 256; more workers are started if
  /// need be. Throws std::invalid_argument outside that range.
  void set_threads(int threads);

  /// Calls fn(chunk) for every chunk in [0, chunks), each once, in any order and on any thread;
  /// returns when all are done. Rethrows the first exception after the loop has ended. Does not
  /// allocate.
  template <class F>
  void run(int64_t chunks, F&& fn) {
    run_erased(
        chunks,
        [](void* f, int64_t chunk) { (*static_cast<std::remove_reference_t<F>*>(f))(chunk); },
        const_cast<void*>(static_cast<const void*>(&fn)));
  }

  /// Calls fn(begin, end) on pieces of [0, count) of about `grain` or more elements.
  template <class F>
  void parallel_for(int64_t count, int64_t grain, F&& fn) {
    if (count <= 0) return;
    // A few chunks per thread: a thread that loses its core then holds up the others little.
    const int64_t wanted = static_cast<int64_t>(threads()) * kChunksPerThread;
    const int64_t by_grain = (count + grain - 1) / grain;
    const int64_t chunks = wanted < by_grain ? wanted : by_grain;
    if (chunks <= 1) {
      fn(int64_t{0}, count);
      return;
    }
    run(chunks, [&](int64_t chunk) { fn(count * chunk / chunks, count * (chunk + 1) / chunks); });
  }

 private:
  static constexpr int64_t kChunksPerThread = 4;
  using Call = void (*)(void* fn, int64_t chunk);
  void run_erased(int64_t chunks, Call call, void* fn);

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Processors that this process may run on: the affinity mask, cut by the control group's quota.
int usable_processors();

}  // namespace mlxa
