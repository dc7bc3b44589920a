// Rows of measurements and how they are printed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace peers {

struct Test {
  bool is_prefill;
  int tokens;   // of the prompt, or decoded one by one
  int context;  // positions before the first decoded token
};

struct Row {
  Test test;
  bool flash = false;
  int64_t bytes_per_token = 0;  // weights, and for decode the keys and values
  std::vector<double> seconds;
  std::vector<double> reads;  // bytes per second: mean of the probes before and after
  int dropped = 0;            // pairs whose two probes differ by more than 10 %
};

struct Header {
  std::string shape, type, cache_type;
  int threads = 0, ubatch = 0;
  bool repack = true, map = true;
};

/// The build: "llama.cpp, VERSION, built for ISA".
std::string build_name();

/// One JSON object on one line.
std::string header_json(const Header& header);
std::string row_json(const Row& row);

/// One line for people.
std::string row_text(const Row& row);

}  // namespace peers
