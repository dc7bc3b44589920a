// mlxa: runs MLX-format models. Results go to stdout, all else to stderr; exit codes are those of
// mlxa::error_info, and `mlxa --help` lists them.
#include <csignal>
#include <cstdio>
#include <exception>
#include <string>

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

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error to report, not to die of
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
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::Success& done) {  // --help, --version
    return app.exit(done);
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
