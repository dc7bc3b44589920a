#include "backend/loopback/device_thread.h"

#include <utility>

namespace mlxa::loopback {

DeviceThread::~DeviceThread() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void DeviceThread::enqueue(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    given_++;
  }
  wake_.notify_one();
}

void DeviceThread::wait() {
  std::unique_lock lock(mutex_);
  const uint64_t last = given_;
  done_.wait(lock, [&] { return finished_ >= last; });
}

void DeviceThread::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [&] { return stop_ || !tasks_.empty(); });
    if (tasks_.empty()) return;
    std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    task = nullptr;
    lock.lock();
    finished_++;
    done_.notify_all();
  }
}

}  // namespace mlxa::loopback
