// What a device with memory of its own promises: order, waits, copies that are made once. The
// loopback device stands for any.
#include "array/device_memory.h"

#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/array.h"
#include "mlxa/ops.h"
#include "mlxa/stream.h"

#include "array/backend.h"
#include "array/residency.h"
#include "backend/loopback/device_thread.h"
#include "backend/loopback/protected_memory.h"

namespace mlxa {
namespace {

using loopback::DeviceThread;
using loopback::ProtectedMemory;

class LoopbackMemory : public testing::Test {
 protected:
  // Work that is still in the queue when the call under test is made.
  void be_busy() {
    thread_.enqueue([] { std::this_thread::sleep_for(std::chrono::milliseconds(50)); });
  }

  DeviceThread thread_;
  ProtectedMemory memory_{thread_};
  static constexpr size_t kBytes = 4 * sizeof(int32_t);
};

TEST_F(LoopbackMemory, DownloadWaitsForWorkQueuedBefore) {
  void* device = memory_.allocate(kBytes);
  be_busy();
  thread_.enqueue(
      [=] { *static_cast<int32_t*>(ProtectedMemory::kernel_address(device, kBytes)) = 7; });
  int32_t host[4] = {};
  memory_.download(device, host, kBytes);
  EXPECT_EQ(host[0], 7);
  memory_.release(device, kBytes);
}

TEST_F(LoopbackMemory, UploadTakesTheBytesAtOnceAndPutsThemInOrder) {
  void* device = memory_.allocate(kBytes);
  be_busy();
  int32_t seen = 0;
  int32_t host[4] = {1, 2, 3, 4};
  memory_.upload(host, device, kBytes);
  host[0] = 9;  // the caller may reuse its memory
  thread_.enqueue([&, device] {
    seen = *static_cast<int32_t*>(ProtectedMemory::kernel_address(device, kBytes));
  });
  thread_.wait();
  EXPECT_EQ(seen, 1);
  memory_.release(device, kBytes);
}

TEST_F(LoopbackMemory, ReleaseWaitsForWorkThatUsesTheMemory) {
  void* device = memory_.allocate(kBytes);
  be_busy();
  thread_.enqueue(
      [=] { *static_cast<int32_t*>(ProtectedMemory::kernel_address(device, kBytes)) = 7; });
  memory_.release(device, kBytes);  // or the write ends the process
  thread_.wait();
}

using LoopbackMemoryDeathTest = LoopbackMemory;

TEST_F(LoopbackMemoryDeathTest, TheHostCannotTouchIt) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto* device = static_cast<volatile int32_t*>(memory_.allocate(kBytes));
  EXPECT_DEATH(*device = 1, "");
}

// Copies made since the last call.
class Copies {
 public:
  CopyCounts since() {
    const CopyCounts now = copy_counts();
    const CopyCounts out{now.uploads - last_.uploads, now.downloads - last_.downloads,
                         now.uploaded_bytes - last_.uploaded_bytes,
                         now.downloaded_bytes - last_.downloaded_bytes};
    last_ = now;
    return out;
  }

 private:
  CopyCounts last_ = copy_counts();
};

bool device_has_memory() { return backend_for(default_device().type)->allocator().memory(); }

TEST(Residency, CopiesAreMadeOnceAndCounted) {
  constexpr int kElements = 1000;
  const uint64_t device = device_has_memory() ? 1 : 0;
  array x = array::uninitialized({kElements}, float32);
  for (int i = 0; i < kElements; i++) x.data<float>()[i] = static_cast<float>(i);
  Copies copies;
  const array y = x + array(1.0f), z = x * y;
  z.eval();
  CopyCounts made = copies.since();
  EXPECT_EQ(made.uploads, 2 * device);  // x once, though two nodes read it, and the 1
  EXPECT_GE(made.uploaded_bytes, device * kElements * sizeof(float));
  EXPECT_EQ(made.downloads, 0u);

  EXPECT_EQ(z.data<float>()[10], 110.0f);
  EXPECT_EQ(z.data<float>()[20], 420.0f);
  made = copies.since();
  EXPECT_EQ(made.downloads, device);
  EXPECT_EQ(made.uploads, 0u);

  // A host that only read leaves the device's bytes current; one that may have written does not.
  const array doubled = z + z;
  doubled.eval();
  EXPECT_EQ(copies.since().uploads, 0u);
  x.data<float>()[10] = 50.0f;
  const array again = x + x;
  again.eval();
  EXPECT_EQ(again.data<float>()[10], 100.0f);
  EXPECT_EQ(copies.since().uploads, device);
}

}  // namespace
}  // namespace mlxa
