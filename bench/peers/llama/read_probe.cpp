#include "read_probe.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <thread>
#include <vector>

#include <sys/mman.h>

namespace peers {
namespace {

constexpr size_t kBytes = size_t{1} << 30;
constexpr size_t kPiece = size_t{1} << 20;

const char* probe_memory() {
  static const char* memory = [] {
    void* p = std::aligned_alloc(size_t{1} << 21, kBytes);
    if (p == nullptr) throw std::bad_alloc();
    madvise(p, kBytes, MADV_HUGEPAGE);
    std::memset(p, 1, kBytes);
    return static_cast<const char*>(p);
  }();
  return memory;
}

// Pieces are dealt in turn, so a thread that is held up delays the end by one piece at most.
uint64_t read_pieces(const char* memory, std::atomic<size_t>& next) {
  uint64_t lanes[8] = {};
  for (size_t piece; (piece = next.fetch_add(1)) < kBytes / kPiece;) {
    const auto* words = reinterpret_cast<const uint64_t*>(memory + piece * kPiece);
    for (size_t i = 0; i < kPiece / sizeof(uint64_t); i += 8) {
      __builtin_prefetch(words + i + 512);
      for (size_t j = 0; j < 8; j++) lanes[j] += words[i + j];
    }
  }
  for (size_t j = 1; j < 8; j++) lanes[0] += lanes[j];
  return lanes[0];
}

}  // namespace

double read_probe(int threads) {
  const char* memory = probe_memory();
  std::atomic<size_t> next{0};
  std::atomic<uint64_t> sum{0};
  const auto work = [&] { sum += read_pieces(memory, next); };
  const auto start = std::chrono::steady_clock::now();
  {
    std::vector<std::jthread> others;
    for (int i = 1; i < threads; i++) others.emplace_back(work);
    work();
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return sum == 0 ? 0 : static_cast<double>(kBytes) / seconds.count();
}

}  // namespace peers
