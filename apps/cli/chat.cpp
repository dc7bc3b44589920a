// mlxa chat: a conversation on the terminal.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>

#include <histedit.h>
#include <unistd.h>

#include "cli.h"

namespace mlxa::cli {
namespace {

constexpr const char* kHelp =
    "/reset         forget the conversation\n"
    "/drop          forget the oldest exchange\n"
    "/system TEXT   tell the model who it is (empty: nothing); takes effect at once\n"
    "/help          this list\n"
    "Ctrl-C stops an answer, Ctrl-D leaves.\n";

char* show_prompt(EditLine*) {
  static char prompt[] = "> ";
  return prompt;
}

void ignore_interrupt(int) {}

// Lines from a terminal, with editing and history, or plain ones from a pipe.
class LineReader {
 public:
  LineReader() : terminal_(isatty(STDIN_FILENO) && isatty(STDOUT_FILENO)) {
    if (!terminal_) return;
    editor_ = el_init("mlxa", stdin, stdout, stderr);
    history_ = history_init();
    HistEvent event;
    history(history_, &event, H_SETSIZE, 1000);
    history(history_, &event, H_SETUNIQUE, 1);
    el_set(editor_, EL_PROMPT, show_prompt);
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_HIST, history, history_);
  }
  ~LineReader() {
    if (history_) history_end(history_);
    if (editor_) el_end(editor_);
  }
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  bool terminal() const { return terminal_; }

  /// The next line without its end; nothing at the end of the input. Ctrl-C gives an empty line.
  std::optional<std::string> next() {
    if (!terminal_) {
      std::string line;
      if (!std::getline(std::cin, line)) return std::nullopt;
      return line;
    }
    struct sigaction action {};  // without SA_RESTART: a Ctrl-C at the prompt ends the read
    action.sa_handler = ignore_interrupt;
    sigaction(SIGINT, &action, nullptr);
    int length = 0;
    errno = 0;
    const char* text = el_gets(editor_, &length);
    if (!text || length <= 0) {
      std::fputs("\n", stdout);
      if (errno != EINTR) return std::nullopt;
      el_reset(editor_);
      return std::string();
    }
    std::string line(text, static_cast<size_t>(length));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    HistEvent event;
    if (!line.empty()) history(history_, &event, H_ENTER, line.c_str());
    return line;
  }

 private:
  bool terminal_;
  EditLine* editor_ = nullptr;
  History* history_ = nullptr;
};

class Chat {
 public:
  Chat(Engine engine, GenerateParameters parameters, const std::string& system_prompt)
      : engine_(std::move(engine)),
        session_(engine_.create_session()),
        parameters_(std::move(parameters)),
        system_(system_prompt) {}

  /// Obeys a line that starts with a slash.
  void command(const std::string& line) {
    if (line == "/help") {
      put(kHelp);
    } else if (line == "/reset") {
      turns_.clear();
      put("The conversation is forgotten.\n");
    } else if (line == "/drop") {
      const size_t count = std::min<size_t>(turns_.size(), 2);
      turns_.erase(turns_.begin(), turns_.begin() + static_cast<std::ptrdiff_t>(count));
      put(count ? "The oldest exchange is forgotten.\n" : "There is nothing to forget.\n");
    } else if (line.rfind("/system", 0) == 0 && (line.size() == 7 || line[7] == ' ')) {
      system_ = line.size() > 8 ? line.substr(8) : "";
      put(system_.empty() ? "No system prompt.\n" : "System prompt set.\n");
    } else {
      put("No such command. " + std::string(kHelp));
    }
  }

  /// Answers `text`. A question that does not fit is not added, so nothing is lost.
  void ask(const std::string& text) {
    std::vector<ChatMessage> messages;
    if (!system_.empty()) messages.push_back({"system", system_});
    messages.insert(messages.end(), turns_.begin(), turns_.end());
    messages.push_back({"user", text});
    GenerateResult result;
    try {
      const CancelOnInterrupt guard(session_);
      result = session_.generate(
          engine_.encode_chat(messages), parameters_,
          [](const TokenEvent& token) {
            put(token.text);
            return true;
          },
          prompt_progress());
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kContextFull) throw;
      put("The context is full: your message was not sent, the conversation is kept.\n"
          "/drop forgets the oldest exchange, /reset all of them.\n");
      return;
    }
    put("\n");
    turns_.push_back({"user", text});
    turns_.push_back({"assistant", result.text});
    if (result.finish_reason == "context") {
      put("[The context is full and the answer was cut. /drop forgets the oldest exchange, /reset "
          "all of them.]\n");
    } else if (result.finish_reason == "length") {
      put("[Cut after " + std::to_string(result.generation_tokens) +
          " tokens: --max-tokens sets the limit.]\n");
    }
  }

 private:
  Engine engine_;
  Session session_;
  GenerateParameters parameters_;
  std::string system_;
  std::vector<ChatMessage> turns_;
};

struct ChatOptions {
  ModelOptions model;
  GenerateParameters parameters;
  std::string system_prompt;
};

void run_chat(const ChatOptions& options) {
  Engine engine = options.model.load();
  engine.encode_chat(std::vector<ChatMessage>{{"user", "."}});  // fails now if there is no template
  Chat chat(std::move(engine), options.parameters, options.system_prompt);
  LineReader reader;
  if (reader.terminal()) put("Type a message, /help for the commands, Ctrl-D to leave.\n");
  while (const std::optional<std::string> line = reader.next()) {
    if (line->empty()) continue;
    if (line->front() == '/') {
      chat.command(*line);
    } else {
      chat.ask(*line);
    }
  }
}

}  // namespace

void add_chat(CLI::App& app) {
  auto options = std::make_shared<ChatOptions>();
  CLI::App* verb = app.add_subcommand("chat", "Talk with a model on the terminal");
  options->model.add_to(*verb);
  verb->add_option("--system-prompt", options->system_prompt, "What the model is told beforehand")
      ->type_name("TEXT");
  add_sampling_options(*verb, options->parameters);
  verb->callback([options] { run_chat(*options); });
}

}  // namespace mlxa::cli
