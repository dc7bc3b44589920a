// mlxa bench: how fast a model runs, as a share of what the machine gives.
#include <algorithm>
#include <cstdio>
#include <memory>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "cli.h"
#include "heap_count.h"

namespace mlxa::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kPrompt = 512, kTokens = 32;  // where nothing is asked

struct Options {
  BenchOptions bench;
  int threads = 0;
  bool json = false, markdown = false;
};

std::string format(const char* how, double value) {
  char text[64];
  std::snprintf(text, sizeof text, how, value);
  return text;
}

// "12.3 (12.1 to 12.4)".
std::string spread_text(const Spread& spread, double scale, const char* how) {
  const auto one = [&](double value) { return format(how, value * scale); };
  return one(spread.median) + " (" + one(spread.lower) + " to " + one(spread.upper) + ")";
}

std::string rate_text(double rate, const std::string& unit) {
  return format("%.1f", rate / 1e9) + (unit == "bytes/s" ? " GB/s" : " GMAC/s");
}

std::string work_text(const BenchRow& row) {
  std::string text = row.kind + " " + std::to_string(row.tokens);
  if (row.kind == "prefill") return text;
  if (row.batch > 1) text += " x " + std::to_string(row.batch) + " sequences";
  if (row.context != BenchOptions::kShortContext)
    text += ", context " + std::to_string(row.context);
  return text;
}

using Cells = std::vector<std::string>;

std::vector<Cells> table_of(const BenchReport& report) {
  std::vector<Cells> out{{"work", "tokens/s", "rate", "probe", "share in %", "pairs",
                          "outside kernels", "allocations/step"}};
  for (const BenchRow& row : report.rows) {
    std::string pairs = std::to_string(row.pairs);
    if (row.dropped > 0) pairs += " (" + std::to_string(row.dropped) + " dropped)";
    const std::string outside =
        row.outside_kernels ? format("%.2f %%", 100 * *row.outside_kernels) : "";
    const std::string heap =
        row.allocations_per_step ? format("%.3g", *row.allocations_per_step) : "";
    Cells cells{work_text(row),
                spread_text(row.tokens_per_second, 1, "%.1f"),
                "",
                "none: unsteady",
                "",
                std::move(pairs),
                outside,
                heap};
    for (const ProbeShare& share : row.shares) {
      cells[2] = rate_text(share.work_rate.median, share.unit);
      cells[3] = share.probe + " " + rate_text(share.probe_rate.median, share.unit);
      cells[4] = spread_text(share.share, 100, "%.0f");
      out.push_back(cells);
      std::fill(cells.begin(), cells.end(), "");  // further shares of the row stand below
    }
    if (row.shares.empty()) out.push_back(cells);
  }
  return out;
}

std::string heading(const BenchReport& report) {
  const SystemInfo system = system_info();
  return report.model + " (" + report.architecture + "), " + report.weights + ", " +
         human_bytes(static_cast<double>(report.weight_bytes)) + "; " +
         (report.exact ? "exact" : "fast") +
         (report.kv_bits ? ", " + std::to_string(report.kv_bits) + "-bit keys and values" : "") +
         "; " + system.isa + ", " + std::to_string(system.threads) + " threads, " + system.cpu;
}

constexpr const char* kNotes =
    "Medians and quartiles. Decode: bytes of weights, keys and values that a step reads, against "
    "reading memory.\nPrefill: multiply-adds with weights, the head once (only the last position's "
    "logits are computed), attention not counted.\n";

std::string markdown(const BenchReport& report) {
  std::string out = heading(report) + "\n\n";
  bool first = true;
  for (const Cells& cells : table_of(report)) {
    for (const std::string& cell : cells) out += "| " + cell + " ";
    out += "|\n";
    if (first) {
      for (size_t i = 0; i < cells.size(); i++) out += "|---";
      out += "|\n";
    }
    first = false;
  }
  return out + "\n" + kNotes;
}

std::string plain(const BenchReport& report) {
  const std::vector<Cells> table = table_of(report);
  std::vector<size_t> widths(table[0].size());
  for (const Cells& cells : table) {
    for (size_t i = 0; i < cells.size(); i++) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string out = heading(report) + "\n\n";
  for (const Cells& cells : table) {
    std::string line;
    for (size_t i = 0; i < cells.size(); i++) {
      line += cells[i] + std::string(widths[i] + 2 - cells[i].size(), ' ');
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out + "\n" + kNotes;
}

Json spread_json(const Spread& spread) {
  return {{"lower", spread.lower}, {"median", spread.median}, {"upper", spread.upper}};
}

Json row_json(const BenchRow& row) {
  Json shares = Json::array();
  for (const ProbeShare& share : row.shares) {
    shares.push_back({{"probe", share.probe},
                      {"unit", share.unit},
                      {"work", share.work},
                      {"work_rate", spread_json(share.work_rate)},
                      {"probe_rate", spread_json(share.probe_rate)},
                      {"share", spread_json(share.share)}});
  }
  Json out = {{"kind", row.kind},
              {"tokens", row.tokens},
              {"batch", row.batch},
              {"context", row.context},
              {"tokens_per_second", spread_json(row.tokens_per_second)},
              {"weight_bytes_per_step", row.weight_bytes_per_step},
              {"kv_bytes_per_step", row.kv_bytes_per_step},
              {"multiply_adds_per_token", row.multiply_adds_per_token},
              {"pairs", row.pairs},
              {"dropped", row.dropped},
              {"shares", shares}};
  if (row.outside_kernels) out["outside_kernels"] = *row.outside_kernels;
  if (row.allocations_per_step) out["allocations_per_step"] = *row.allocations_per_step;
  return out;
}

std::string document(const BenchReport& report) {
  const SystemInfo system = system_info();
  Json rows = Json::array();
  for (const BenchRow& row : report.rows) rows.push_back(row_json(row));
  const Json out = {{"version", system.version},
                    {"cpu", system.cpu},
                    {"isa", system.isa},
                    {"threads", system.threads},
                    {"model", report.model},
                    {"architecture", report.architecture},
                    {"weights", report.weights},
                    {"parameters", report.parameters},
                    {"weight_bytes", report.weight_bytes},
                    {"kv_bytes_per_token", report.kv_bytes_per_token},
                    {"kv_bits", report.kv_bits},
                    {"precision", report.exact ? "exact" : "fast"},
                    {"peak_memory_bytes", peak_resident_memory()},
                    {"rows", rows}};
  return out.dump() + "\n";
}

void run(Options options) {
  if (options.threads > 0) set_threads(options.threads);
  if (options.bench.prompts.empty() && options.bench.tokens.empty()) {
    options.bench.prompts = {kPrompt};
    options.bench.tokens = {kTokens};
  }
  const bool terminal = isatty(STDERR_FILENO);
  if (terminal) {
    options.bench.on_progress = [](std::string_view words) {
      std::fprintf(stderr, "\r\033[K%.*s", static_cast<int>(words.size()), words.data());
    };
  }
  options.bench.heap_allocations = heap_allocations;
  BenchReport report;
  try {
    report = run_bench(options.bench);
  } catch (...) {
    if (terminal) std::fputs("\r\033[K", stderr);
    throw;
  }
  if (terminal) std::fputs("\r\033[K", stderr);
  put(options.json ? document(report) : options.markdown ? markdown(report) : plain(report));
}

void add_list(CLI::App& verb, const char* names, std::vector<int>& values, const char* meaning) {
  verb.add_option(names, values, meaning)->type_name("N")->expected(1)->take_all();
}

}  // namespace

void add_bench(CLI::App& app) {
  auto options = std::make_shared<Options>();
  BenchOptions& bench = options->bench;
  CLI::App* verb =
      app.add_subcommand("bench", "Measure speed against what the machine gives at that moment");
  std::string shapes;
  for (const std::string& name : bench_shapes()) shapes += (shapes.empty() ? "" : ", ") + name;
  CLI::Option* model =
      verb->add_option("--model", bench.model, "Model directory")->type_name("DIR");
  const auto random = [&](CLI::Option* option) { option->excludes(model)->capture_default_str(); };
  random(verb->add_option("--shape", bench.shape, "Random weights of a known model: " + shapes)
             ->type_name("NAME"));
  random(verb->add_option("--mode", bench.mode, "Their mode: affine, dense, mxfp4, mxfp8, nvfp4"));
  random(verb->add_option("--bits", bench.bits,
                          "Bits of a quantized weight (default: the mode's own, of affine 4)"));
  random(verb->add_option("--group-size", bench.group_size,
                          "Weights that share a scale (default: the mode's own, of affine 64)"));
  random(verb->add_option("--dtype", bench.dtype,
                          "Type of dense weights, affine scales and norms: float32, float16, "
                          "bfloat16"));
  add_list(*verb, "-p", bench.prompts, "Prefill of N tokens (repeatable; default 512)");
  add_list(*verb, "-n", bench.tokens, "Decode of N tokens (repeatable; default 32)");
  add_list(*verb, "-b", bench.batches, "Sequences that decode at once (repeatable; default 1)");
  add_list(*verb, "--ctx", bench.contexts,
           "Positions of random keys and values before decode (repeatable; default 16)");
  verb->add_option("--pairs", bench.pairs, "Pairs of probe and work that a row needs")
      ->capture_default_str();
  verb->add_option("--threads", options->threads, "Threads that compute (default: all processors)")
      ->check(CLI::Range(1, 256));
  verb->add_flag("--exact", bench.exact,
                 "No int8 activations, float32 keys and values: slower, as precise as the weights");
  add_kv_bits(*verb, bench.kv_bits);
  CLI::Option* json = verb->add_flag("--json", options->json, "One JSON document");
  verb->add_flag("--markdown", options->markdown, "A table in Markdown")->excludes(json);
  verb->callback([options] { run(*options); });
}

}  // namespace mlxa::cli
