// Engine, sessions and arrays used by many threads at once. Built with ThreadSanitizer it must also
// run without a report: `cmake --preset tsan`.
#include <atomic>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/engine.h"
#include "mlxa/ops.h"

#include "base/thread_pool.h"

namespace mlxa {
namespace {

const std::filesystem::path kModel =
    std::filesystem::path(MLXA_GOLDEN_DIR) / "models" / "llama-f32-q4-g128";

// The pool has workers on machines of one processor too: races need them.
class Threads : public testing::Test {
 protected:
  Threads() : before_(ThreadPool::instance().threads()) { ThreadPool::instance().set_threads(4); }
  ~Threads() override { ThreadPool::instance().set_threads(before_); }

 private:
  int before_;
};

// Runs fn(0) ... fn(count - 1) on threads that start together.
template <class F>
void together(int count, F&& fn) {
  std::barrier start(count);
  std::vector<std::thread> threads;
  for (int i = 0; i < count; i++) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      fn(i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

GenerateParameters tokens(int count) {
  GenerateParameters parameters;
  parameters.max_tokens = count;
  parameters.ignore_eos = true;
  return parameters;
}

std::vector<int32_t> prompt_of(int number) {
  std::vector<int32_t> prompt;
  for (int i = 0; i < 3 + number % 5 * 40; i++) prompt.push_back(2 + (i * 7 + number * 13) % 150);
  return prompt;
}

std::vector<int32_t> with(std::vector<int32_t> prompt, const std::vector<int32_t>& answer) {
  prompt.insert(prompt.end(), answer.begin(), answer.end());
  return prompt;
}

using ThreadsOnOneEngine = Threads;

TEST_F(ThreadsOnOneEngine, SixteenSessionsAnswerAsAlone) {
  constexpr int kThreads = 16, kTokens = 12;
  EngineOptions options;
  options.prefill_chunk = 32;  // so that prompts take turns too
  options.kv_tokens = kThreads * 512;
  const Engine engine = Engine::load(kModel, options);
  // Two turns, the second on what the first left in the cache; sampled, so that seeds matter.
  const auto converse = [&](int number, std::vector<std::vector<int32_t>>& answers) {
    Session session = engine.create_session();
    GenerateParameters parameters = tokens(kTokens);
    parameters.temperature = number % 2 == 0 ? 0.0f : 0.8f;
    parameters.seed = static_cast<uint64_t>(number);
    std::vector<int32_t> prompt = prompt_of(number);
    answers.push_back(session.generate(prompt, parameters).token_ids);
    prompt = with(with(prompt, answers[0]), {7});
    Session branch = session.fork();
    answers.push_back(session.generate(prompt, parameters).token_ids);
    answers.push_back(branch.generate(prompt, parameters).token_ids);
  };
  std::vector<std::vector<std::vector<int32_t>>> alone(kThreads), got(kThreads);
  for (int i = 0; i < kThreads; i++) converse(i, alone[static_cast<size_t>(i)]);
  together(kThreads, [&](int i) { converse(i, got[static_cast<size_t>(i)]); });
  EXPECT_EQ(got, alone);
  for (const auto& answers : alone) EXPECT_EQ(answers.at(1), answers.at(2));
}

TEST_F(ThreadsOnOneEngine, EncodeAndDecodeAtOnce) {
  const Engine engine = Engine::load(kModel);
  const std::string text = "Threads share one tokenizer: \xc3\xa9t\xc3\xa9, 1234.";
  const auto ids = engine.encode(text);
  const std::string back = engine.tokenizer().decode(ids);
  std::atomic<int> wrong{0};
  together(4, [&](int) {
    for (int i = 0; i < 20; i++) {
      if (engine.encode(text) != ids || engine.tokenizer().decode(ids) != back) wrong++;
    }
  });
  EXPECT_EQ(wrong, 0);
}

using ThreadsOnOneGraph = Threads;

// Shared nodes below, a result above, a view of a shared node, and several outputs of one node.
std::vector<array> shared_graph(const array& leaf) {
  const array sum = leaf + leaf;
  const array flat = reshape(sum, {-1});
  const array root = sqrt(exp(sum));
  const auto halves = split(root, 2, 0);
  return {sum, flat, root, halves[0], halves[1], matmul(sum, transpose(root))};
}

std::vector<float> floats(const array& a) {
  const array rows = contiguous(a);
  rows.eval();
  const float* data = rows.data<float>();
  return {data, data + rows.size()};
}

TEST_F(ThreadsOnOneGraph, EvaluationsAgree) {
  constexpr int kSide = 48, kThreads = 4;
  std::vector<float> numbers(kSide * kSide);
  for (size_t i = 0; i < numbers.size(); i++) numbers[i] = static_cast<float>(i % 17) / 16.0f;
  const array leaf(numbers.data(), {kSide, kSide}, float32);
  std::vector<std::vector<float>> expected;
  for (const array& a : shared_graph(leaf)) expected.push_back(floats(a));
  for (size_t i = 0; i < numbers.size(); i++) {
    ASSERT_EQ(expected[0][i], 2 * numbers[i]);
    ASSERT_NEAR(expected[2][i], std::exp(numbers[i]), 1e-5);
  }
  for (int round = 0; round < 20; round++) {
    const std::vector<array> graph = shared_graph(leaf);
    std::atomic<int> wrong{0};
    together(kThreads, [&](int thread) {
      // Each begins elsewhere, so that one meets what another is at.
      for (size_t i = 0; i < graph.size(); i++) {
        const size_t at = (i + static_cast<size_t>(thread) * 2) % graph.size();
        if (floats(graph[at]) != expected[at]) wrong++;
      }
    });
    ASSERT_EQ(wrong, 0) << "round " << round;
  }
}

// Whoever sees an array as available may read it: no thread shows memory before it is filled.
TEST_F(ThreadsOnOneGraph, AvailableMeansComputed) {
  for (int round = 0; round < 20; round++) {
    const array result = full({1 << 16}, 1.5f) + full({1 << 16}, 2.0f);
    std::atomic<int> wrong{0};
    together(3, [&](int thread) {
      if (thread == 0) {
        result.eval();
        return;
      }
      while (!result.is_available()) std::this_thread::yield();
      const float* data = result.data<float>();
      for (size_t i = 0; i < result.size(); i++) wrong += data[i] != 3.5f ? 1 : 0;
    });
    ASSERT_EQ(wrong, 0) << "round " << round;
  }
}

// Threads build on a shared graph and drop their part, evaluated or not, while others evaluate.
TEST_F(ThreadsOnOneGraph, PartsCanBeDroppedMeanwhile) {
  for (int round = 0; round < 50; round++) {
    const array shared = full({64, 64}, 3.0f) + full({64, 64}, 1.0f);
    std::atomic<int> wrong{0};
    std::atomic<bool> evaluated{false};  // relaxed: it must not order what the library does not
    together(4, [&](int thread) {
      const array own = shared * full({64, 64}, 2.0f);  // until the thread ends
      if (thread == 0) {
        if (floats(own) != std::vector<float>(64 * 64, 8.0f)) wrong++;
        evaluated.store(true, std::memory_order_relaxed);
      } else if (thread == 1) {
        if (floats(reshape(shared, {-1})) != std::vector<float>(64 * 64, 4.0f)) wrong++;
      } else if (thread == 2) {
        while (!evaluated.load(std::memory_order_relaxed)) std::this_thread::yield();
      }
    });
    ASSERT_EQ(wrong, 0) << "round " << round;
  }
}

class Cancellation : public Threads {
 protected:
  Cancellation() : engine_(Engine::load(kModel, options())), session_(engine_.create_session()) {
    expected_ = session_.generate(prompt_, tokens(kTokens)).token_ids;
  }

  // What a cancelled answer holds is the beginning of the whole one, and the next is whole again.
  void check(const GenerateResult& cancelled) {
    ASSERT_LE(cancelled.token_ids.size(), expected_.size());
    ASSERT_TRUE(
        std::equal(cancelled.token_ids.begin(), cancelled.token_ids.end(), expected_.begin()));
    ASSERT_LE(session_.tokens().size(), prompt_.size() + cancelled.token_ids.size());
    const auto next = session_.generate(prompt_, tokens(kTokens));
    ASSERT_EQ(next.finish_reason, "length");
    ASSERT_EQ(next.token_ids, expected_);
  }

  static EngineOptions options() {
    EngineOptions options;
    options.prefill_chunk = 16;
    return options;
  }

  static constexpr int kTokens = 16;
  const std::vector<int32_t> prompt_ = prompt_of(2);
  Engine engine_;
  Session session_;
  std::vector<int32_t> expected_;
};

TEST_F(Cancellation, FromTheCallbackAtEveryToken) {
  for (int at = 1; at < kTokens; at++) {
    for (const bool by_return : {true, false}) {
      session_.trim(at % 3 == 0 ? 0 : 1 << 20);  // also while much of the prompt is computed
      int seen = 0;
      const auto result = session_.generate(prompt_, tokens(kTokens), [&](const TokenEvent&) {
        if (++seen != at) return true;
        if (!by_return) session_.cancel();
        return !by_return;
      });
      EXPECT_EQ(result.finish_reason, "cancelled");
      EXPECT_EQ(result.generation_tokens, at);
      ASSERT_NO_FATAL_FAILURE(check(result)) << "at token " << at;
    }
  }
}

TEST_F(Cancellation, FromTheProgressCallbackAtEveryChunk) {
  const int chunks = (static_cast<int>(prompt_.size()) + 15) / 16;
  for (int at = 1; at <= chunks; at++) {
    session_.trim(0);
    int seen = 0;
    const auto result =
        session_.generate(prompt_, tokens(kTokens), {}, [&](int, int) { return ++seen != at; });
    EXPECT_EQ(result.finish_reason, "cancelled");
    EXPECT_EQ(result.generation_tokens, 0);
    ASSERT_NO_FATAL_FAILURE(check(result)) << "at chunk " << at;
  }
}

TEST_F(Cancellation, FromAnotherThreadAtAnyMoment) {
  session_.trim(0);
  const auto begin = std::chrono::steady_clock::now();
  session_.generate(prompt_, tokens(kTokens));
  const std::chrono::duration<double, std::micro> whole = std::chrono::steady_clock::now() - begin;
  std::mt19937 random(7);
  std::uniform_real_distribution<double> delay(0, 1.2 * whole.count());
  int cancelled = 0;
  for (int round = 0; round < 40; round++) {
    session_.trim(round % 2 == 0 ? 0 : 1 << 20);
    const std::chrono::duration<double, std::micro> wait(delay(random));
    std::thread other([&] {
      std::this_thread::sleep_for(wait);
      session_.cancel();
    });
    const auto result = session_.generate(prompt_, tokens(kTokens));
    other.join();  // a cancel that came too late ends nothing: the next generate starts afresh
    if (result.finish_reason == "cancelled") {
      cancelled++;
    } else {
      EXPECT_EQ(result.token_ids, expected_);
    }
    ASSERT_NO_FATAL_FAILURE(check(result)) << "after " << wait.count() << " us";
  }
  EXPECT_GT(cancelled, 0);
}

TEST_F(Cancellation, DoesNotReachOtherSessions) {
  std::atomic<int> running{3};
  std::atomic<int> wrong{0};
  together(4, [&](int thread) {
    if (thread == 0) {
      while (running > 0) {
        session_.cancel();
        std::this_thread::yield();
      }
      return;
    }
    Session own = engine_.create_session();
    for (int i = 0; i < 4; i++) {
      if (own.generate(prompt_, tokens(kTokens)).token_ids != expected_) wrong++;
      own.trim(0);
    }
    running--;
  });
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace mlxa
