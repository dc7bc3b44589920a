// The thread of the loopback device: what it is given, it does in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace mlxa::loopback {

class DeviceThread {
 public:
  DeviceThread() : thread_([this] { work(); }) {}
  ~DeviceThread();

  /// Tasks must not throw.
  void enqueue(std::function<void()> task);
  /// Returns when all tasks given before are done.
  void wait();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::deque<std::function<void()>> tasks_;
  uint64_t given_ = 0, finished_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace mlxa::loopback
