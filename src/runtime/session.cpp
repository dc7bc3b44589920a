#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <string>

#include "mlxa/engine.h"
#include "mlxa/error.h"

#include "runtime/engine_state.h"
#include "runtime/sampler.h"
#include "runtime/stop_matcher.h"

namespace mlxa {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

void check_prompt(const ModelInfo& info, std::span<const int32_t> prompt) {
  if (prompt.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "[generate] the prompt has no tokens",
                "Give a prompt that is not empty.");
  }
  for (int32_t id : prompt) {
    if (id < 0 || id >= info.vocab_size) {
      throw Error(ErrorCode::kInvalidArgument,
                  "[generate] token id " + std::to_string(id) + ", the model's vocabulary has " +
                      std::to_string(info.vocab_size),
                  "Use ids that this model's tokenizer gives.");
    }
  }
  if (prompt.size() >= static_cast<size_t>(info.context_length)) {
    throw Error(ErrorCode::kContextFull,
                "[generate] the prompt has " + std::to_string(prompt.size()) +
                    " tokens, the model's context " + std::to_string(info.context_length),
                "Shorten the prompt or the conversation.");
  }
}

// Where an exception leaves a request: positions whose computation was not seen to succeed are
// forgotten, so that no later request builds on them.
class Unwinding {
 public:
  explicit Unwinding(SessionState& session)
      : session_(session), exceptions_(std::uncaught_exceptions()) {}
  ~Unwinding() {
    if (std::uncaught_exceptions() == exceptions_) return;
    const std::lock_guard lock(session_.engine->mutex);
    session_.sequence.trim(session_.sound);
    session_.tokens.resize(static_cast<size_t>(session_.sequence.length()));
  }
  Unwinding(const Unwinding&) = delete;
  Unwinding& operator=(const Unwinding&) = delete;

 private:
  SessionState& session_;
  int exceptions_;
};

// Brings the session to `prompt` and returns its last logits; nothing if on_progress said stop.
std::optional<array> compute_prompt(SessionState& session, std::span<const int32_t> prompt,
                                    const ProgressCallback& on_progress, GenerateResult& result) {
  EngineState& engine = *session.engine;
  const auto begin = Clock::now();
  size_t same = 0;
  while (same < session.tokens.size() && same < prompt.size() &&
         session.tokens[same] == prompt[same]) {
    same++;
  }
  same = std::min(same, prompt.size() - 1);  // the last token is computed for its logits
  {
    const std::lock_guard lock(engine.mutex);
    session.sequence.trim(static_cast<int64_t>(same));
    session.tokens.resize(same);
    session.sound = static_cast<int64_t>(same);
    session.sequence.reserve(static_cast<int64_t>(prompt.size() - same));
  }
  result.prompt_tokens = static_cast<int>(prompt.size());
  result.reused_tokens = static_cast<int>(same);
  std::optional<array> logits;
  for (size_t done = same; done < prompt.size();) {
    const size_t chunk =
        std::min(prompt.size() - done, static_cast<size_t>(engine.options.prefill_chunk));
    const bool last = done + chunk == prompt.size();
    const auto tokens = prompt.subspan(done, chunk);
    {
      const std::lock_guard lock(engine.mutex);
      logits = runtime::prefill_step(*engine.loaded.model, *engine.pool, session.sequence, tokens,
                                     engine.precision, last);
      session.tokens.insert(session.tokens.end(), tokens.begin(), tokens.end());
      session.sound = session.sequence.length();
    }
    done += chunk;
    const bool go_on =
        !on_progress || on_progress(static_cast<int>(done), static_cast<int>(prompt.size()));
    if (!go_on || session.cancelled.load()) return std::nullopt;
  }
  const double seconds = seconds_between(begin, Clock::now());
  result.prompt_tps = static_cast<double>(prompt.size() - same) / seconds;
  return logits;
}

// One answer on its way: detokenizing, stop strings, counting.
class Answer {
 public:
  Answer(SessionState& session, const GenerateParameters& parameters, const TokenCallback& on_token,
         GenerateResult& result, Clock::time_point begin)
      : session_(session),
        parameters_(parameters),
        on_token_(on_token),
        result_(result),
        begin_(begin),
        stops_(parameters.stop) {
    if (session.engine->tokenizer) detokenizer_.emplace(*session.engine->tokenizer);
  }

  /// Takes a token; false when the answer ends with it (finish_reason is set).
  bool add(int32_t token) {
    if (!parameters_.ignore_eos && session_.engine->is_eos(token)) return end("stop");
    const auto now = Clock::now();
    if (result_.token_ids.empty()) {
      first_ = now;
      result_.time_to_first_token_s = seconds_between(begin_, now);
    }
    last_ = now;
    result_.token_ids.push_back(token);
    const bool go_on = show(token, stops_.add(detokenizer_ ? detokenizer_->add(token) : ""));
    if (stops_.stopped()) return end("stop");
    if (!go_on || session_.cancelled.load()) return end("cancelled");
    return static_cast<int>(result_.token_ids.size()) < parameters_.max_tokens || end("length");
  }

  bool end(const char* reason) {
    result_.finish_reason = reason;
    return false;
  }

  /// Hands out what was held back, and the figures.
  void finish() {
    if (!stops_.stopped()) {
      std::string rest = stops_.add(detokenizer_ ? detokenizer_->finish() : "");
      rest += stops_.finish();
      if (!rest.empty()) show(result_.token_ids.empty() ? -1 : result_.token_ids.back(), rest);
    }
    const size_t count = result_.token_ids.size();
    result_.generation_tokens = static_cast<int>(count);
    const double seconds = seconds_between(first_, last_);
    if (count > 1 && seconds > 0) {
      result_.generation_tps = static_cast<double>(count - 1) / seconds;
    }
  }

 private:
  bool show(int32_t token, const std::string& text) {
    result_.text += text;
    return !on_token_ || on_token_({token, text});
  }

  SessionState& session_;
  const GenerateParameters& parameters_;
  const TokenCallback& on_token_;
  GenerateResult& result_;
  Clock::time_point begin_, first_{}, last_{};
  std::optional<StreamingDetokenizer> detokenizer_;  // none: ids without text
  runtime::StopMatcher stops_;
};

}  // namespace

Session::Session(std::unique_ptr<SessionState> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

GenerateResult Session::generate(std::span<const int32_t> prompt,
                                 const GenerateParameters& parameters,
                                 const TokenCallback& on_token,
                                 const ProgressCallback& on_progress) {
  SessionState& session = *state_;
  EngineState& engine = *session.engine;
  runtime::check_parameters(parameters);
  check_prompt(engine.info, prompt);
  if (!parameters.stop.empty() && !engine.tokenizer) {
    throw Error(ErrorCode::kNotFound,
                "[generate] stop texts, but the model directory has no tokenizer.json",
                "Leave them out, or fetch the model with its tokenizer.json.");
  }
  engine.loaded.files.check_intact();
  session.cancelled.store(false);

  GenerateResult result;
  const Unwinding unwinding(session);
  const auto begin = Clock::now();
  const auto prompt_logits = compute_prompt(session, prompt, on_progress, result);
  if (!prompt_logits) {
    result.finish_reason = "cancelled";
    return result;
  }
  if (parameters.max_tokens == 0) {
    result.finish_reason = "length";
    return result;
  }
  runtime::Sampler sampler(parameters);
  sampler.remember(prompt.back());
  Answer answer(session, parameters, on_token, result, begin);
  array token = sampler.sample(*prompt_logits);
  while (answer.add(token.item<int32_t>())) {
    if (session.sequence.length() >= engine.info.context_length) {
      answer.end("context");
      break;
    }
    const std::lock_guard lock(engine.mutex);
    session.sequence.reserve(1);
    const array& logits = engine.decode().run(token, session.sequence);
    session.tokens.push_back(*token.data<int32_t>());
    token = sampler.sample(logits);
    session.sound = session.sequence.length();
  }
  answer.finish();
  return result;
}

std::vector<float> Session::logits(std::span<const int32_t> prompt) {
  check_prompt(state_->engine->info, prompt);
  state_->engine->loaded.files.check_intact();
  state_->cancelled.store(false);
  GenerateResult unused;
  const Unwinding unwinding(*state_);
  const auto logits = compute_prompt(*state_, prompt, {}, unused);
  if (!logits) throw Error(ErrorCode::kCancelled, "[logits] cancelled");
  const float* data = logits->data<float>();
  return {data, data + logits->size()};
}

void Session::cancel() { state_->cancelled.store(true); }

std::span<const int32_t> Session::tokens() const { return state_->tokens; }

void Session::trim(int64_t length) {
  const std::lock_guard lock(state_->engine->mutex);
  state_->sequence.trim(std::max<int64_t>(length, 0));
  state_->tokens.resize(static_cast<size_t>(state_->sequence.length()));
}

Session Session::fork() const {
  const std::lock_guard lock(state_->engine->mutex);
  auto copy = std::make_unique<SessionState>(state_->engine, state_->sequence.fork());
  copy->tokens = state_->tokens;
  return Session(std::move(copy));
}

}  // namespace mlxa
