#include "text/tokenizer/regex.h"

#include <algorithm>
#include <chrono>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "mlxa/error.h"

#include "text/tokenizer/component.h"
#include "text/tokenizer/regex_translate.h"
#include "text/tokenizer/unicode.h"

namespace mlxa::tok {
namespace {

constexpr size_t kMaxPatternBytes = 16384;
constexpr uint32_t kMaxGroupNesting = 100;
// Backtracking steps of one attempt: some for every byte of the text, and then a fair number.
constexpr uint32_t kBaseSteps = 1'000'000;
constexpr uint32_t kStepsPerByte = 4;
constexpr uint32_t kHeapKiB = 256 * 1024;  // for backtracking outside compiled code
constexpr size_t kJitStackStart = 64 * 1024, kJitStackMax = size_t{16} << 20;
// Steps do not bound the attempts. A search is therefore cut into windows of start positions, and
// time is taken between them. Real patterns stay a hundred times below these.
constexpr size_t kWindow = 128;
constexpr auto kBaseTime = std::chrono::seconds(10);
constexpr auto kTimePerByte = std::chrono::microseconds(1);

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};

template <class T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;

std::string message_of(int code) {
  PCRE2_UCHAR text[160];
  if (pcre2_get_error_message(code, text, sizeof text) < 0) return "error " + std::to_string(code);
  return reinterpret_cast<const char*>(text);
}

}  // namespace

struct Regex::Code {
  Handle<pcre2_code, pcre2_code_free> code;
  std::string pattern, where;
  bool uses_start = false;
};

Regex::Regex(std::string_view pattern, std::string_view where) {
  if (pattern.size() > kMaxPatternBytes) {
    fail_unsupported(where, "a pattern of " + std::to_string(pattern.size()) + " bytes",
                     "at most " + std::to_string(kMaxPatternBytes));
  }
  const TranslatedPattern translated = translate_pattern(pattern, where);
  const Handle<pcre2_compile_context, pcre2_compile_context_free> context(
      pcre2_compile_context_create(nullptr));
  if (!context) throw std::bad_alloc();
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  pcre2_set_bsr(context.get(), PCRE2_BSR_UNICODE);
  pcre2_set_parens_nest_limit(context.get(), kMaxGroupNesting);
  int error = 0;
  size_t offset = 0;
  auto code = std::make_shared<Code>();
  code->code.reset(pcre2_compile(
      reinterpret_cast<PCRE2_SPTR>(translated.pattern.data()), translated.pattern.size(),
      PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT,
      &error, &offset, context.get()));
  if (!code->code) {
    fail_unsupported(where, "the pattern " + in_quotes(pattern) + " (" + message_of(error) + ")",
                     "a regular expression that PCRE2 can compile");
  }
  // Without just-in-time compilation the same matches are found, only slower.
  pcre2_jit_compile(code->code.get(), PCRE2_JIT_COMPLETE);
  code->pattern = pattern;
  code->where = where;
  code->uses_start = translated.uses_start;
  code_ = std::move(code);
}

struct RegexSearch::State {
  const Regex::Code* code = nullptr;
  Handle<pcre2_match_data, pcre2_match_data_free> data;
  Handle<pcre2_match_context, pcre2_match_context_free> context;
  Handle<pcre2_jit_stack, pcre2_jit_stack_free> stack;
  std::string_view text;
  size_t position = 0;
  size_t last_end = std::string_view::npos;
  std::chrono::steady_clock::time_point started;
  size_t windows = 0;
};

RegexSearch::RegexSearch(const Regex& regex) : state_(std::make_unique<State>()) {
  state_->code = regex.code_.get();
  state_->data.reset(pcre2_match_data_create(1, nullptr));
  state_->context.reset(pcre2_match_context_create(nullptr));
  if (!state_->data || !state_->context) throw std::bad_alloc();
  pcre2_set_heap_limit(state_->context.get(), kHeapKiB);
}

RegexSearch::~RegexSearch() = default;

void RegexSearch::start(std::string_view text) {
  State& state = *state_;
  state.text = text.data() == nullptr ? std::string_view("") : text;
  state.position = 0;
  state.last_end = std::string_view::npos;
  state.windows = 0;
  const auto steps = kBaseSteps + kStepsPerByte * static_cast<uint32_t>(text.size());
  pcre2_set_match_limit(state.context.get(), steps);
}

bool RegexSearch::next(size_t& begin, size_t& end) {
  State& state = *state_;
  while (state.position <= state.text.size()) {
    if (!find_from(state.position, begin, end)) {
      state.position = state.text.size() + 1;
      return false;
    }
    if (begin == end && state.last_end == end) {
      state.position += state.position < state.text.size()
                            ? sequence_length(static_cast<unsigned char>(state.text[end]))
                            : 1;
      continue;
    }
    state.position = state.last_end = end;
    return true;
  }
  return false;
}

bool RegexSearch::find_from(size_t start, size_t& begin, size_t& end) {
  State& state = *state_;
  const size_t size = state.text.size();
  const size_t window = state.code->uses_start ? size : kWindow;
  for (bool again = false;; again = true) {
    if (state.windows++ == 0) state.started = std::chrono::steady_clock::now();
    if ((again || state.windows % 64 == 0) &&
        std::chrono::steady_clock::now() - state.started >
            kBaseTime + kTimePerByte * static_cast<int64_t>(size)) {
      fail_unsupported(state.code->where,
                       "the pattern " + in_quotes(state.code->pattern) + ", too slow on this text",
                       "a pattern without runaway backtracking");
    }
    const size_t limit = std::min(size, start + window);
    pcre2_set_offset_limit(state.context.get(), limit);
    const int result = match(start);
    if (result >= 0) {
      const size_t* range = pcre2_get_ovector_pointer(state.data.get());
      begin = range[0];
      end = range[1];
      return true;
    }
    if (result != PCRE2_ERROR_NOMATCH) {
      fail_unsupported(state.code->where,
                       "the pattern " + in_quotes(state.code->pattern) + " on this text (" +
                           message_of(result) + ")",
                       "a pattern without runaway backtracking");
    }
    if (limit >= size) return false;
    start = limit + 1;
    while (start < size && (static_cast<unsigned char>(state.text[start]) & 0xC0) == 0x80) ++start;
  }
}

// Where the stack of compiled code does not suffice, a larger one is tried, then the interpreter,
// which backtracks on the heap.
int RegexSearch::match(size_t start) {
  State& state = *state_;
  const auto run = [&](uint32_t options) {
    return pcre2_match(state.code->code.get(), reinterpret_cast<PCRE2_SPTR>(state.text.data()),
                       state.text.size(), start, PCRE2_NO_UTF_CHECK | options, state.data.get(),
                       state.context.get());
  };
  int result = run(0);
  if (result == PCRE2_ERROR_JIT_STACKLIMIT && !state.stack) {
    state.stack.reset(pcre2_jit_stack_create(kJitStackStart, kJitStackMax, nullptr));
    pcre2_jit_stack_assign(state.context.get(), nullptr, state.stack.get());
    result = run(0);
  }
  if (result == PCRE2_ERROR_JIT_STACKLIMIT) result = run(PCRE2_NO_JIT);
  return result;
}

}  // namespace mlxa::tok
