// mlxa: runs MLX-format models. Results go to stdout, all else to stderr; exit codes are those of
// mlxa::error_info, and `mlxa --help` lists them.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <exception>
#include <sstream>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "cli.h"

namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 internal error, 2 wrong usage or argument, 3 not found, 4 invalid "
    "file,\n"
    "5 unsupported, 6 out of memory, 7 context full, 8 input or output failed, 130 interrupted.\n"
    "Environment variables: see `mlxa env`.";

int report(const std::exception& error) {
  const mlxa::ErrorCode code = mlxa::error_code(error);
  std::string remedy;
  if (const auto* own = dynamic_cast<const mlxa::Error*>(&error)) remedy = own->remedy();
  std::fprintf(stderr, "error: %s%s%s\n", error.what(), remedy.empty() ? "" : ". ", remedy.c_str());
  return mlxa::error_info(code).exit_code;
}

// The system raises SIGBUS where a mapped file has lost the bytes that are read: it was cut short,
// or its disk fails. Several threads may find out at once, and one of them says so.
void on_lost_file(int) {
  static std::atomic_flag reported = ATOMIC_FLAG_INIT;
  while (reported.test_and_set()) pause();
  constexpr char kLine[] =
      "error: a file of the model was cut short while in use, or its disk fails. Restore the file, "
      "or give --no-mmap.\n";
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kLine, sizeof kLine - 1);
  _exit(mlxa::error_info(mlxa::ErrorCode::kInvalidFile).exit_code);
}

// A closed standard stream's number would go to the next file that is opened. Using the stream
// still fails.
void occupy_closed_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(descriptor, F_GETFD) >= 0) continue;
    open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

// Runs the verb, or shows what --help and --version ask for.
void parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& done) {
    std::ostringstream text;
    app.exit(done, text, text);
    mlxa::cli::put(text.str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  occupy_closed_streams();
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error to report, not to die of
  std::signal(SIGBUS, on_lost_file);
  CLI::App app{"MLX Anywhere: runs MLX-format models on this machine", "mlxa"};
  app.set_version_flag("--version", "mlxa " MLXA_VERSION);
  app.footer(kFooter);
  app.require_subcommand(1);
  try {
    mlxa::cli::add_generate(app);
    mlxa::cli::add_chat(app);
    mlxa::cli::add_tokenize(app);
    mlxa::cli::add_template(app);
    mlxa::cli::add_info(app);
    mlxa::cli::add_env(app);
    mlxa::cli::add_bench(app);
    parse(app, argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    // A misspelt flag is named before what is missing because of it.
    const auto unknown = app.remaining(/*recurse=*/true);
    const std::string what = unknown.empty() ? error.what() : "unknown argument " + unknown.front();
    std::fprintf(stderr, "error: %s. Run `mlxa --help`, or `mlxa VERB --help`.\n", what.c_str());
    return mlxa::error_info(mlxa::ErrorCode::kInvalidArgument).exit_code;
  } catch (const std::exception& error) {
    return report(error);
  }
}
