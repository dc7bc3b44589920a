#include "cache_state.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace peers {
namespace {

struct OtherLayout : std::runtime_error {
  OtherLayout() : std::runtime_error("another layout") {}
};

class Tiler {
 public:
  Tiler(const std::vector<uint8_t>& from, uint32_t known, uint32_t positions)
      : from_(from), known_(known), positions_(positions) {
    to_.reserve(from.size() / known * (size_t{positions} + known));
  }

  template <class T>
  T take() {
    T value;
    need(sizeof(T));
    std::memcpy(&value, from_.data() + at_, sizeof(T));
    at_ += sizeof(T);
    return value;
  }
  template <class T>
  void put(T value) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    to_.insert(to_.end(), bytes, bytes + sizeof(T));
  }
  template <class T>
  T pass() {
    const T value = take<T>();
    put(value);
    return value;
  }

  // `rows` times the known positions of so many bytes each, one behind another.
  void tile(uint64_t rows, uint64_t bytes) {
    for (uint64_t row = 0; row < rows; row++) {
      const size_t size = known_ * bytes;
      need(size);
      for (size_t left = positions_ * bytes; left > 0;) {
        const size_t count = std::min(left, size);
        to_.insert(to_.end(), from_.begin() + static_cast<std::ptrdiff_t>(at_),
                   from_.begin() + static_cast<std::ptrdiff_t>(at_ + count));
        left -= count;
      }
      at_ += size;
    }
  }

  bool at_end() const { return at_ == from_.size(); }
  std::vector<uint8_t>& result() { return to_; }

 private:
  void need(size_t bytes) const {
    if (from_.size() - at_ < bytes) throw OtherLayout();
  }

  const std::vector<uint8_t>& from_;
  std::vector<uint8_t> to_;
  size_t at_ = 0;
  uint32_t known_, positions_;
};

void tile_positions(Tiler& tiler, uint32_t known, uint32_t positions) {
  if (tiler.take<uint32_t>() != known) throw OtherLayout();
  tiler.put(positions);
  for (uint32_t i = 0; i < known; i++) {
    if (tiler.take<uint32_t>() != i || tiler.take<uint32_t>() != 1) throw OtherLayout();
    tiler.take<int32_t>();
  }
  for (uint32_t i = 0; i < positions; i++) {
    tiler.put(i);
    tiler.put(uint32_t{1});
    tiler.put(int32_t{0});
  }
}

}  // namespace

std::vector<uint8_t> tile_cache_state(const std::vector<uint8_t>& state, uint32_t known,
                                      uint32_t positions) try {
  Tiler tiler(state, known, positions);
  tiler.pass<uint32_t>();                                // magic
  tiler.pass<int32_t>();                                 // sequence
  if (tiler.pass<uint32_t>() != 1) throw OtherLayout();  // streams
  tile_positions(tiler, known, positions);
  const bool transposed = tiler.pass<uint32_t>() != 0;
  const auto layers = tiler.pass<uint32_t>();
  for (uint32_t layer = 0; layer < layers; layer++) {
    tiler.pass<int32_t>();  // type
    tiler.tile(1, tiler.pass<uint64_t>());
  }
  for (uint32_t layer = 0; layer < layers; layer++) {
    tiler.pass<int32_t>();
    if (transposed) {
      const auto bytes = tiler.pass<uint32_t>();
      tiler.tile(tiler.pass<uint32_t>(), bytes);
    } else {
      tiler.tile(1, tiler.pass<uint64_t>());
    }
  }
  if (!tiler.at_end()) throw OtherLayout();
  return std::move(tiler.result());
} catch (const OtherLayout&) {
  return {};
}

}  // namespace peers
