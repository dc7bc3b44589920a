#include "measure/probes.h"

#include <atomic>
#include <chrono>
#include <cstring>

#include <sys/mman.h>

#include "mlxa/error.h"

#include "base/thread_pool.h"

namespace mlxa::measure {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace

void read_bytes(const void* from, size_t bytes) {
  constexpr size_t kLine = 64, kAhead = 4096, kWords = 16;
  const auto* words = static_cast<const uint64_t*>(from);
  const auto* lines = static_cast<const char*>(from);
  uint64_t lanes[kWords] = {};
  for (size_t i = 0; i + kWords * 8 <= bytes; i += kWords * 8) {
    __builtin_prefetch(lines + i + kAhead);
    __builtin_prefetch(lines + i + kAhead + kLine);
    for (size_t j = 0; j < kWords; j++) lanes[j] ^= words[i / 8 + j];
  }
  __asm__ volatile("" : : "m"(lanes));
}

ReadProbe::ReadProbe() {
  void* memory =
      ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw Error(ErrorCode::kOutOfMemory, "[bench] no 1 GiB for the probe of reading memory",
                "Close other programs, or choose a smaller shape.");
  }
  ::madvise(memory, kBytes, MADV_HUGEPAGE);
  memory_ = static_cast<std::byte*>(memory);
  // Pages that were never written would all be one page of zeros.
  ThreadPool::instance().parallel_for(
      static_cast<int64_t>(kBytes), int64_t{1} << 24, [&](int64_t begin, int64_t end) {
        std::memset(memory_ + begin, 1, static_cast<size_t>(end - begin));
      });
}

ReadProbe::~ReadProbe() { ::munmap(memory_, kBytes); }

double ReadProbe::run() const {
  constexpr int64_t kPieces = 64;
  constexpr size_t kPiece = kBytes / kPieces;
  const auto begin = Clock::now();
  ThreadPool::instance().run(kPieces, [&](int64_t piece) {
    read_bytes(memory_ + kPiece * static_cast<size_t>(piece), kPiece);
  });
  return static_cast<double>(kBytes) / seconds_since(begin);
}

double run_peak(const PeakLoop& loop) {
  constexpr int64_t kSteps = 400000, kPiecesPerThread = 24;
  ThreadPool& pool = ThreadPool::instance();
  const int64_t pieces = pool.threads() * kPiecesPerThread;
  const auto begin = Clock::now();
  pool.run(pieces, [&](int64_t) { loop.run(kSteps); });
  return static_cast<double>(pieces * kSteps) * loop.per_step / seconds_since(begin);
}

}  // namespace mlxa::measure
