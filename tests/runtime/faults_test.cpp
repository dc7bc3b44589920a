// Every allocation and every kernel of loading and answering fails once: the error is typed,
// nothing leaks, the session knows what it holds, and the next request is answered as if nothing
// had been.
#include "array/faults.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mlxa/engine.h"
#include "mlxa/error.h"
#include "mlxa/memory.h"

#include "base/thread_pool.h"

namespace mlxa {
namespace {

using faults::Point;
using Ids = std::vector<int32_t>;

const std::filesystem::path kModel =
    std::filesystem::path(MLXA_GOLDEN_DIR) / "models" / "qwen2-f32-q4-g64";

const Ids kPrompt = {5, 80, 3, 41, 12, 77, 9, 60, 2, 33, 18, 7, 50, 21, 4, 90, 11, 66, 70, 8};

EngineOptions options() {
  EngineOptions options;
  options.prefill_chunk = 16;  // the prompt takes two steps
  options.kv_tokens = 1;       // few blocks: those that a failure lost would be missed soon
  return options;
}

GenerateParameters four_tokens() {
  GenerateParameters parameters;
  parameters.max_tokens = 4;
  parameters.ignore_eos = true;
  return parameters;
}

// Two turns, and a branch that shares what the first left.
struct Conversation {
  explicit Conversation(const Engine& engine) : session(engine.create_session()) {}

  void run() {
    answers.push_back(session.generate(kPrompt, four_tokens()).token_ids);
    branch.emplace(session.fork());
    Ids prompt = kPrompt;
    prompt.insert(prompt.end(), answers[0].begin(), answers[0].end());
    prompt.push_back(7);
    answers.push_back(session.generate(prompt, four_tokens()).token_ids);
    answers.push_back(branch->generate(prompt, four_tokens()).token_ids);
  }

  Session session;
  std::optional<Session> branch;
  std::vector<Ids> answers;
};

class Faults : public testing::TestWithParam<Point> {
 protected:
  // One thread: a further one makes its scratch memory when work first reaches it.
  Faults() : threads_(ThreadPool::instance().threads()) { ThreadPool::instance().set_threads(1); }
  ~Faults() override {
    faults::arm(GetParam(), 0);
    ThreadPool::instance().set_threads(threads_);
  }

  static ErrorCode expected_code() {
    return GetParam() == Point::kAllocation ? ErrorCode::kOutOfMemory : ErrorCode::kInternal;
  }

  // Lets the nth passage fail. False where there is no nth any more.
  template <class F>
  static bool fails_at(int64_t n, F&& work) {
    faults::arm(GetParam(), n);
    bool failed = false;
    try {
      work();
    } catch (const Error& error) {
      failed = true;
      EXPECT_EQ(error.code(), expected_code()) << error.what();
      EXPECT_NE(std::string(error.what()).find("as a test asked"), std::string::npos);
    }
    const bool due = faults::passed(GetParam()) >= n;
    faults::arm(GetParam(), 0);
    EXPECT_EQ(failed, due) << "a failure that nobody was told of, at " << n;
    return due;
  }

  // A session after a failure: it holds the beginning of what it was given, and goes on from it.
  static void check_session(Session& session, const Ids& whole, const Ids& expected) {
    const auto held = session.tokens();
    ASSERT_LE(held.size(), whole.size());
    ASSERT_TRUE(std::equal(held.begin(), held.end(), whole.begin()));
    ASSERT_EQ(session.generate(kPrompt, four_tokens()).token_ids, expected);
  }

 private:
  int threads_;
};

TEST_P(Faults, AtEveryPlaceOfLoadingAndAnswering) {
  std::vector<Ids> expected;
  {
    const Engine engine = Engine::load(kModel, options());
    Conversation conversation(engine);
    conversation.run();
    expected = conversation.answers;
  }
  const size_t before = get_active_memory();
  int64_t n = 1;
  for (bool more = true; more; n++) {
    std::optional<Engine> engine;
    std::optional<Conversation> conversation;
    more = fails_at(n, [&] {
      engine.emplace(Engine::load(kModel, options()));
      conversation.emplace(*engine);
      conversation->run();
    });
    if (engine) {
      conversation.reset();
      Conversation next(*engine);
      next.run();
      ASSERT_EQ(next.answers, expected) << "after a failure at " << n;
    }
    conversation.reset();
    engine.reset();
    ASSERT_EQ(get_active_memory(), before) << "after a failure at " << n;
  }
  EXPECT_GT(n, 100);  // places of this model's graph
}

TEST_P(Faults, TheSessionSaysWhatItHolds) {
  const Engine engine = Engine::load(kModel, options());
  std::vector<Ids> expected;
  {
    Conversation conversation(engine);
    conversation.run();
    expected = conversation.answers;
  }
  Ids whole = kPrompt;
  whole.insert(whole.end(), expected[0].begin(), expected[0].end());
  whole.push_back(7);
  whole.insert(whole.end(), expected[1].begin(), expected[1].end());
  const size_t before = get_active_memory();
  int64_t n = 1;
  for (bool more = true; more; n++) {
    Conversation conversation(engine);
    more = fails_at(n, [&] { conversation.run(); });
    for (size_t i = 0; i < conversation.answers.size(); i++) {
      ASSERT_EQ(conversation.answers[i], expected[i]) << "before a failure at " << n;
    }
    ASSERT_NO_FATAL_FAILURE(check_session(conversation.session, whole, expected[0])) << n;
    if (conversation.branch) {
      ASSERT_NO_FATAL_FAILURE(check_session(*conversation.branch, whole, expected[0])) << n;
    }
  }
  EXPECT_EQ(get_active_memory(), before);
  EXPECT_GT(n, 50);
}

INSTANTIATE_TEST_SUITE_P(All, Faults, testing::Values(Point::kAllocation, Point::kKernel),
                         [](const auto& info) {
                           return info.param == Point::kAllocation ? "allocation" : "kernel";
                         });

}  // namespace
}  // namespace mlxa
