#include "base/thread_pool.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sched.h>

#include "mlxa/error.h"

#include "base/env.h"

namespace mlxa {
namespace {

constexpr int kMaxThreads = 256;
// About 100 microseconds of polling: longer than the serial gaps between the loops of a token,
// short enough that a waiting program is asleep when anyone looks.
constexpr int kSpins = 4000;

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
}

// True on threads that are inside a chunk: loops met there run in place.
thread_local bool inside_loop = false;

int configured_threads() {
  const auto text = knob("MLXA_THREADS");
  if (!text) return usable_processors();
  int value = 0;
  const char* end = text->data() + text->size();
  const auto [rest, status] = std::from_chars(text->data(), end, value);
  if (status != std::errc() || rest != end || value < 1 || value > kMaxThreads) {
    throw Error(ErrorCode::kInvalidArgument,
                "[threads] MLXA_THREADS=" + *text + ", expected 1 to 256",
                "Unset MLXA_THREADS, or set it to a number of threads.");
  }
  return value;
}

}  // namespace

int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int count = 0;
  if (sched_getaffinity(0, sizeof set, &set) == 0) count = CPU_COUNT(&set);
  if (count < 1) count = static_cast<int>(std::thread::hardware_concurrency());
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  if (file >> quota >> period && quota > 0 && period > 0) {
    count = std::min(count, static_cast<int>(std::ceil(quota / period)));
  }
  return std::min(std::max(count, 1), kMaxThreads);
}

struct ThreadPool::Impl {
  // The loop in progress. `epoch` counts loops: a worker joins a loop by registering in `busy`
  // while the epoch is still the loop's own, so that none touches a loop that its caller has left.
  std::mutex loop_mutex;  // one loop at a time
  Call call = nullptr;
  void* fn = nullptr;
  std::atomic<int> threads{1};
  alignas(64) std::atomic<uint64_t> epoch{0};  // odd: a loop is open
  alignas(64) std::atomic<int> busy{0};
  // Each thread begins with a share of its own, so that it walks through memory that lies together
  // and what it fetched ahead is its own; then it helps with those of others.
  struct alignas(64) Share {
    std::atomic<int64_t> next{0};
    int64_t end = 0;
  };
  int share_count = 1;
  std::array<Share, kMaxThreads> shares;

  std::mutex sleep_mutex;
  std::condition_variable wake;
  std::atomic<int> sleeping{0};
  bool stop = false;

  std::mutex error_mutex;
  std::exception_ptr error;

  std::vector<std::thread> workers;

  void work(int thread) {
    inside_loop = true;
    for (int i = 0; i < share_count; i++) {
      Share& share = shares[(thread + i) % share_count];
      while (true) {
        const int64_t chunk = share.next.fetch_add(1, std::memory_order_relaxed);
        if (chunk >= share.end) break;
        try {
          call(fn, chunk);
        } catch (...) {
          std::lock_guard lock(error_mutex);
          if (!error) error = std::current_exception();
        }
      }
    }
    inside_loop = false;
  }

  // Waits for a loop newer than `seen`; false at the end of the pool.
  bool wait(uint64_t seen) {
    for (int i = 0; i < kSpins; i++) {
      const uint64_t now = epoch.load(std::memory_order_acquire);
      if (now != seen && (now & 1)) return true;
      pause();
    }
    std::unique_lock lock(sleep_mutex);
    sleeping.fetch_add(1);
    wake.wait(lock, [&] {
      const uint64_t now = epoch.load();
      return stop || (now != seen && (now & 1));
    });
    sleeping.fetch_sub(1);
    return !stop;
  }

  void worker_loop(int worker) {
    uint64_t seen = 0;
    while (wait(seen)) {
      seen = epoch.load(std::memory_order_acquire);
      if (!(seen & 1) || worker >= threads.load(std::memory_order_relaxed)) continue;
      busy.fetch_add(1);
      if (epoch.load() == seen) work(worker);
      busy.fetch_sub(1, std::memory_order_release);
    }
  }

  void start_workers(int wanted) {
    while (static_cast<int>(workers.size()) < wanted - 1) {
      const int worker = static_cast<int>(workers.size()) + 1;
      workers.emplace_back([this, worker] { worker_loop(worker); });
    }
  }
};

ThreadPool& ThreadPool::instance() {
  static ThreadPool pool(configured_threads());
  return pool;
}

ThreadPool::ThreadPool(int threads) : impl_(std::make_unique<Impl>()) { set_threads(threads); }

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(impl_->sleep_mutex);
    impl_->stop = true;
  }
  impl_->wake.notify_all();
  for (std::thread& worker : impl_->workers) worker.join();
}

int ThreadPool::threads() const { return impl_->threads.load(std::memory_order_relaxed); }

void ThreadPool::set_threads(int threads) {
  if (threads < 1 || threads > kMaxThreads) {
    throw std::invalid_argument("[threads] " + std::to_string(threads) + ", expected 1 to 256");
  }
  std::lock_guard lock(impl_->loop_mutex);
  impl_->start_workers(threads);
  impl_->threads = threads;
}

void ThreadPool::run_erased(int64_t chunks, Call call, void* fn) {
  if (chunks <= 0) return;
  if (inside_loop || chunks == 1 || threads() == 1) {
    for (int64_t chunk = 0; chunk < chunks; chunk++) call(fn, chunk);
    return;
  }
  Impl& pool = *impl_;
  std::lock_guard lock(pool.loop_mutex);
  pool.call = call;
  pool.fn = fn;
  pool.share_count = threads();
  for (int64_t i = 0; i < pool.share_count; i++) {
    pool.shares[i].next.store(chunks * i / pool.share_count, std::memory_order_relaxed);
    pool.shares[i].end = chunks * (i + 1) / pool.share_count;
  }
  pool.epoch.fetch_add(1);  // opens the loop
  if (pool.sleeping.load() > 0) {
    // Taking the mutex orders this after a worker's last look at the epoch before it sleeps.
    { std::lock_guard sleep_lock(pool.sleep_mutex); }
    pool.wake.notify_all();
  }
  pool.work(0);
  pool.epoch.fetch_add(1);  // closes it: no worker joins from here on
  for (int spins = 0; pool.busy.load() != 0; spins++) {
    if (spins < kSpins) {
      pause();
    } else {
      std::this_thread::yield();
    }
  }
  if (pool.error) std::rethrow_exception(std::exchange(pool.error, nullptr));
}

}  // namespace mlxa
