#include "base/thread_pool.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace mlxa {
namespace {

TEST(ThreadPool, RunsEveryChunkOnce) {
  ThreadPool pool(4);
  for (int64_t chunks : {0, 1, 2, 7, 1000}) {
    std::vector<std::atomic<int>> hits(static_cast<size_t>(chunks));
    pool.run(chunks, [&](int64_t chunk) { hits[static_cast<size_t>(chunk)]++; });
    for (const auto& hit : hits) EXPECT_EQ(hit.load(), 1);
  }
}

TEST(ThreadPool, ManyShortLoops) {
  ThreadPool pool(3);
  int64_t total = 0;
  for (int i = 0; i < 5000; i++) {
    std::atomic<int64_t> sum{0};
    pool.run(5, [&](int64_t chunk) { sum += chunk; });
    total += sum.load();
  }
  EXPECT_EQ(total, 50000);
}

TEST(ThreadPool, WakesAfterASleep) {
  ThreadPool pool(2);
  for (int i = 0; i < 5; i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::atomic<int> count{0};
    pool.run(10, [&](int64_t) { count++; });
    EXPECT_EQ(count.load(), 10);
  }
}

TEST(ThreadPool, RethrowsAfterTheLoopAndGoesOn) {
  ThreadPool pool(2);
  EXPECT_THROW(pool.run(20,
                        [](int64_t chunk) {
                          if (chunk == 7) throw std::runtime_error("seven");
                        }),
               std::runtime_error);
  std::atomic<int> count{0};
  pool.run(20, [&](int64_t) { count++; });
  EXPECT_EQ(count.load(), 20);
}

TEST(ThreadPool, NestedLoopsRunInPlace) {
  ThreadPool pool(2);
  std::atomic<int> count{0};
  pool.run(4, [&](int64_t) { pool.run(4, [&](int64_t) { count++; }); });
  EXPECT_EQ(count.load(), 16);
}

TEST(ThreadPool, LoopsOfSeveralThreadsQueue) {
  ThreadPool pool(2);
  std::atomic<int> count{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; i++) {
    callers.emplace_back([&] {
      for (int k = 0; k < 200; k++) pool.run(3, [&](int64_t) { count++; });
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(count.load(), 2400);
}

TEST(ThreadPool, ParallelForCoversTheRange) {
  ThreadPool pool(3);
  for (int64_t count : {1, 5, 100, 12345}) {
    std::atomic<int64_t> covered{0};
    pool.parallel_for(count, 10, [&](int64_t begin, int64_t end) { covered += end - begin; });
    EXPECT_EQ(covered.load(), count);
  }
}

TEST(ThreadPool, RefusesAbsurdSizes) {
  ThreadPool pool(1);
  EXPECT_THROW(pool.set_threads(0), std::invalid_argument);
  EXPECT_THROW(pool.set_threads(1000), std::invalid_argument);
}

}  // namespace
}  // namespace mlxa
