// What the verbs of the command-line program share.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "mlxa/mlxa.h"

namespace mlxa::cli {

// Every verb adds its options to the program and runs as the subcommand's callback.
void add_generate(CLI::App& app);
void add_chat(CLI::App& app);
void add_tokenize(CLI::App& app);
void add_template(CLI::App& app);
void add_info(CLI::App& app);
void add_env(CLI::App& app);
void add_bench(CLI::App& app);

/// Options of every verb that answers.
struct ModelOptions {
  std::filesystem::path model;
  EngineOptions engine;
  bool no_mmap = false;
  int threads = 0;

  void add_to(CLI::App& verb);
  Engine load() const;
};

void add_kv_bits(CLI::App& verb, int& kv_bits);
void add_sampling_options(CLI::App& verb, GenerateParameters& parameters);

/// Writes to stdout at once. Throws Error kIo where nobody can read it: a closed pipe, a full disk.
void put(std::string_view text);

/// All of stdin. Throws Error kIo.
std::string read_stdin();

/// "1.2 GB" of a number of bytes.
std::string human_bytes(double bytes);

/// A progress line on stderr while a long prompt is computed; silent when stderr is no terminal.
ProgressCallback prompt_progress();

/// Installs a handler that cancels `session` at Ctrl-C for the object's life; a second one during
/// the same answer ends the program as usual.
class CancelOnInterrupt {
 public:
  explicit CancelOnInterrupt(Session& session);
  ~CancelOnInterrupt();
  CancelOnInterrupt(const CancelOnInterrupt&) = delete;
  CancelOnInterrupt& operator=(const CancelOnInterrupt&) = delete;
};

}  // namespace mlxa::cli
