// Times llama.cpp's llama_decode on a model of a known shape with random weights, which it writes
// itself. Stands alone: one static program, so that it also runs where nothing can be installed.
//
// With --serve it answers one request a line ("prefill 512", "decode 32 4096", "flash on", "probe")
// with one JSON object a line, so that a script can take turns between it and another engine.
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

#include "engine.h"
#include "model_file.h"
#include "read_probe.h"
#include "report.h"

namespace {

using namespace peers;

constexpr int kShortContext = 16;

constexpr char kUsage[] =
    "llama_timer: times llama.cpp on random weights of a known shape\n"
    "  --shape NAME    tiny, 360m, 0.5b, 1b, 3b, 7b, 8b (1b)\n"
    "  --type NAME     q4_0, q8_0, q4_k, q6_k, f16, bf16, ... (q4_0)\n"
    "  --prefill N     time a prompt of N tokens; may be repeated\n"
    "  --decode N      time N single tokens\n"
    "  --ctx N         behind N positions; may be repeated (16)\n"
    "  --pairs N       measurements of each, between two read probes (9)\n"
    "  --threads N     (all cores)\n"
    "  --ubatch N      (512)\n"
    "  --flash on|off|best   flash attention; best tries both for each test (best)\n"
    "  --repack on|off       weights in the layout that the kernels prefer (on)\n"
    "  --mmap on|off         (on)\n"
    "  --kv NAME       type of keys and values (f16)\n"
    "  --dir DIR       where the model file is written and kept (.)\n"
    "  --json          one JSON object instead of text\n"
    "  --serve         answer requests on standard input; see README.md\n";

struct Options {
  std::string shape = "1b", type = "q4_0", cache_type = "f16", flash = "best", dir = ".";
  std::vector<int> prefill, contexts;
  int decode = 0, pairs = 9, threads = 0, ubatch = 512;
  bool repack = true, map = true, json = false, serve = false;
};

int whole_number(const std::string& name, const std::string& value) {
  char* end = nullptr;
  const long number = std::strtol(value.c_str(), &end, 10);
  if (value.empty() || *end != 0 || number < 1 || number > 1 << 20)
    throw std::runtime_error(name + " needs a whole number from 1 to 1048576, not '" + value + "'");
  return static_cast<int>(number);
}

bool on_or_off(const std::string& name, const std::string& value) {
  if (value != "on" && value != "off")
    throw std::runtime_error(name + " is on or off, not '" + value + "'");
  return value == "on";
}

Options parse(const std::vector<std::string>& arguments) {
  Options o;
  const std::map<std::string, std::function<void(const std::string&, const std::string&)>> known = {
      {"--shape", [&](auto&, auto& v) { o.shape = v; }},
      {"--type", [&](auto&, auto& v) { o.type = v; }},
      {"--kv", [&](auto&, auto& v) { o.cache_type = v; }},
      {"--dir", [&](auto&, auto& v) { o.dir = v; }},
      {"--prefill", [&](auto& n, auto& v) { o.prefill.push_back(whole_number(n, v)); }},
      {"--ctx", [&](auto& n, auto& v) { o.contexts.push_back(whole_number(n, v)); }},
      {"--decode", [&](auto& n, auto& v) { o.decode = whole_number(n, v); }},
      {"--pairs", [&](auto& n, auto& v) { o.pairs = whole_number(n, v); }},
      {"--threads", [&](auto& n, auto& v) { o.threads = whole_number(n, v); }},
      {"--ubatch", [&](auto& n, auto& v) { o.ubatch = whole_number(n, v); }},
      {"--repack", [&](auto& n, auto& v) { o.repack = on_or_off(n, v); }},
      {"--mmap", [&](auto& n, auto& v) { o.map = on_or_off(n, v); }},
      {"--flash",
       [&](auto& n, auto& v) {
         if (v != "best") on_or_off(n, v);
         o.flash = v;
       }},
  };
  for (size_t i = 0; i < arguments.size(); i++) {
    const std::string& name = arguments[i];
    const auto option = known.find(name);
    if (name == "--json") {
      o.json = true;
    } else if (name == "--serve") {
      o.serve = true;
    } else if (option == known.end()) {
      throw std::runtime_error("unknown option " + name + "; llama_timer --help lists them");
    } else {
      if (++i == arguments.size()) throw std::runtime_error(name + " needs a value");
      option->second(name, arguments[i]);
    }
  }
  if (o.contexts.empty()) o.contexts.push_back(kShortContext);
  if (o.threads == 0) o.threads = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  if (!o.serve && o.prefill.empty() && o.decode == 0) {
    o.prefill.push_back(512);
    o.decode = 32;
  }
  return o;
}

// The kernels would end in an illegal instruction.
void check_processor() {
  __builtin_cpu_init();
  bool suits = true;
  const std::string isa = PEERS_ISA;
  if (isa == "avx2") suits = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (isa == "avx512" || isa == "amx")
    suits = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi") &&
            __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bf16");
  if (!suits) throw std::runtime_error("this build is for " + isa + ", which this CPU lacks");
}

void check_memory(int64_t needed) {
  std::ifstream info("/proc/meminfo");
  for (std::string line; std::getline(info, line);) {
    long long kib = 0;
    if (std::sscanf(line.c_str(), "MemAvailable: %lld kB", &kib) != 1) continue;
    if (kib * 1024 < needed)
      throw std::runtime_error("this needs " + std::to_string(needed >> 20) + " MiB of memory, " +
                               std::to_string(kib >> 10) + " MiB are available");
  }
}

int64_t cache_bytes(const ModelShape& shape, ggml_type type, int64_t positions) {
  const auto row = static_cast<int64_t>(ggml_row_size(type, shape.kv_heads * shape.head_dim));
  return 2 * shape.layers * row * positions;
}

int positions_needed(const Options& o) {
  int positions = o.serve ? 512 : 1;
  for (int tokens : o.prefill) positions = std::max(positions, tokens);
  for (int context : o.contexts) positions = std::max(positions, context + std::max(o.decode, 1));
  if (o.serve) positions += 512;
  return (positions + 1 + 255) / 256 * 256;
}

double run_test(Engine& engine, const Test& test) {
  return test.is_prefill ? engine.prefill(test.tokens) : engine.decode(test.tokens, test.context);
}

// Flash attention on or off, whichever is faster for this test; leaves the engine that way.
void choose_flash(Engine& engine, const Test& test, const std::string& flash) {
  if (flash != "best") return engine.set_flash(flash == "on");
  const Test brief = {test.is_prefill, std::min(test.tokens, 16), test.context};
  double seconds[2];
  for (bool on : {false, true}) {
    engine.set_flash(on);
    run_test(engine, brief);  // warm
    seconds[on] = run_test(engine, test);
  }
  if (seconds[0] < seconds[1]) engine.set_flash(false);
}

Row measure(Engine& engine, const Test& test, const Options& options) {
  Row row;
  row.test = test;
  choose_flash(engine, test, options.flash);
  row.flash = engine.flash();
  run_test(engine, {test.is_prefill, std::min(test.tokens, 16), test.context});
  for (int pair = 0; pair < options.pairs; pair++) {
    const double before = read_probe(options.threads);
    const double seconds = run_test(engine, test);
    const double after = read_probe(options.threads);
    if (std::abs(before - after) > 0.1 * std::max(before, after)) {
      row.dropped++;
      continue;
    }
    row.seconds.push_back(seconds);
    row.reads.push_back((before + after) / 2);
  }
  return row;
}

void answer(Engine& engine, const Options& options, const std::string& line) {
  std::istringstream words(line);
  std::string verb, mode;
  int tokens = 0, context = kShortContext;
  words >> verb;
  const int room = positions_needed(options);
  if (verb == "probe") {
    std::printf("{\"bytes_per_second\": %.6g}\n", read_probe(options.threads));
  } else if (verb == "flash" && words >> mode) {
    engine.set_flash(on_or_off("flash", mode));
    std::printf("{\"flash\": %s}\n", engine.flash() ? "true" : "false");
  } else if ((verb == "prefill" || verb == "decode") && words >> tokens) {
    words >> context;
    const Test test = {verb == "prefill", tokens, verb == "prefill" ? 0 : context};
    if (tokens < 1 || test.context < 0 || int64_t{test.context} + tokens >= room)
      throw std::runtime_error("the cache holds " + std::to_string(room) +
                               " positions; start with a longer --ctx or --prefill");
    std::printf("{\"seconds\": %.9g}\n", run_test(engine, test));
  } else {
    throw std::runtime_error("cannot understand the request '" + line + "'");
  }
}

void serve(Engine& engine, const Options& options, const Header& header) {
  engine.set_flash(options.flash != "off");
  std::printf("%s\n", header_json(header).c_str());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
    answer(engine, options, line);
    std::fflush(stdout);
  }
}

void report(Engine& engine, const Options& options, const Header& header, const ModelShape& shape) {
  const ggml_type type = find_type(options.type), cache_type = find_type(options.cache_type);
  std::vector<Test> tests;
  for (int tokens : options.prefill) tests.push_back({true, tokens, 0});
  for (int context : options.contexts)
    if (options.decode > 0) tests.push_back({false, options.decode, context});
  if (options.json)
    std::printf("{\"build\": %s, \"rows\": [", header_json(header).c_str());
  else
    std::printf("%s: %s %s, %d threads, %.0f MB a token\n", build_name().c_str(),
                shape.name.c_str(), options.type.c_str(), options.threads,
                static_cast<double>(weight_bytes_per_token(shape, type)) / 1e6);
  for (size_t i = 0; i < tests.size(); i++) {
    Row row = measure(engine, tests[i], options);
    row.bytes_per_token = weight_bytes_per_token(shape, type);
    if (!row.test.is_prefill)
      row.bytes_per_token += cache_bytes(shape, cache_type, row.test.context);
    if (options.json)
      std::printf("%s%s", i == 0 ? "" : ",\n", row_json(row).c_str());
    else
      std::printf("%s\n", row_text(row).c_str());
    std::fflush(stdout);
  }
  if (options.json) std::printf("]}\n");
}

void run(const Options& options) {
  check_processor();
  quiet_llama();
  const ModelShape& shape = find_shape(options.shape);
  const ggml_type type = find_type(options.type);
  EngineSettings settings;
  settings.threads = options.threads;
  settings.ubatch = options.ubatch;
  settings.positions = positions_needed(options);
  settings.repack = options.repack;
  settings.map = options.map;
  settings.cache_type = find_type(options.cache_type);
  // The file's pages, the repacked copy, the cache twice while it is filled, the probe, the rest.
  check_memory(2 * weight_bytes_per_token(shape, type) +
               2 * cache_bytes(shape, settings.cache_type, settings.positions) +
               (int64_t{2} << 30));
  const std::string path = options.dir + "/" + shape.name + "-" + options.type + ".gguf";
  ensure_model_file(path, shape, type);
  Engine engine(path, settings);
  const Header header = {shape.name,     options.type,   options.cache_type, options.threads,
                         options.ubatch, options.repack, options.map};
  if (options.serve)
    serve(engine, options, header);
  else
    report(engine, options, header, shape);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") {
      std::fputs(kUsage, stdout);
      return 0;
    }
  }
  try {
    run(parse(arguments));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "llama_timer: %s\n", error.what());
    return 1;
  }
}
