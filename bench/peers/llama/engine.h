// One loaded model of llama.cpp and the two things that are timed: a prompt and single tokens.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "llama.h"

namespace peers {

struct EngineSettings {
  int threads = 2;
  int ubatch = 512;
  int positions = 1024;  // that the cache holds
  bool repack = true;    // weights in the layout that the kernels of this machine prefer
  bool map = true;       // weights that are not repacked stay in the mapped file
  ggml_type cache_type = GGML_TYPE_F16;
};

/// Throws std::runtime_error with what llama.cpp said.
class Engine {
 public:
  Engine(const std::string& path, const EngineSettings& settings);

  /// Makes the context anew, with or without flash attention; the cache is empty then.
  void set_flash(bool on);
  bool flash() const { return flash_; }

  /// Seconds of one llama_decode of so many tokens into an empty cache.
  double prefill(int tokens);

  /// Seconds of so many llama_decode of one token each behind `context` positions, which are there
  /// already. One more token before the clock starts is not counted.
  double decode(int tokens, int context);

 private:
  void run(llama_token* tokens, int count);
  void fill(int context);
  bool fill_by_tiling(int context);

  EngineSettings settings_;
  std::unique_ptr<llama_model, void (*)(llama_model*)> model_;
  std::unique_ptr<llama_context, void (*)(llama_context*)> context_;
  std::vector<llama_token> prompt_;
  bool flash_ = false;
};

/// From now on llama.cpp prints nothing; its last error goes into the exceptions.
void quiet_llama();

}  // namespace peers
