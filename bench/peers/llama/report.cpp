#include "report.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace peers {
namespace {

[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
  char text[512];
  va_list values;
  va_start(values, pattern);
  std::vsnprintf(text, sizeof text, pattern, values);
  va_end(values);
  return text;
}

struct Quartiles {
  double low = 0, median = 0, high = 0;
};

Quartiles quartiles(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto at = [&](double part) {
    const double place = part * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(place);
    const size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
  };
  return {at(0.25), at(0.5), at(0.75)};
}

std::string json(const Quartiles& q) {
  return format("{\"median\": %.6g, \"q1\": %.6g, \"q3\": %.6g}", q.median, q.low, q.high);
}

std::string json(const std::vector<double>& values) {
  std::string text = "[";
  for (double value : values) text += format(text.size() > 1 ? ", %.6g" : "%.6g", value);
  return text + "]";
}

Quartiles speeds(const Row& row) {
  std::vector<double> values;
  for (double seconds : row.seconds) values.push_back(row.test.tokens / seconds);
  return quartiles(values);
}

// Of decode only: a prompt is bound by arithmetic.
Quartiles of_read(const Row& row) {
  std::vector<double> values;
  for (size_t i = 0; i < row.seconds.size(); i++)
    values.push_back(row.test.tokens / row.seconds[i] * static_cast<double>(row.bytes_per_token) /
                     row.reads[i]);
  return quartiles(values);
}

}  // namespace

std::string build_name() { return "llama.cpp of " PEERS_VERSION ", built for " PEERS_ISA; }

std::string header_json(const Header& h) {
  return format(
      "{\"engine\": \"llama.cpp\", \"version\": \"%s\", \"isa\": \"%s\", \"shape\": \"%s\", "
      "\"type\": \"%s\", \"cache\": \"%s\", \"threads\": %d, \"ubatch\": %d, \"repack\": %s, "
      "\"mmap\": %s}",
      PEERS_VERSION, PEERS_ISA, h.shape.c_str(), h.type.c_str(), h.cache_type.c_str(), h.threads,
      h.ubatch, h.repack ? "true" : "false", h.map ? "true" : "false");
}

std::string row_json(const Row& row) {
  std::string text = format("{\"test\": \"%s\", \"tokens\": %d, \"context\": %d, \"flash\": %s, ",
                            row.test.is_prefill ? "prefill" : "decode", row.test.tokens,
                            row.test.context, row.flash ? "true" : "false");
  text += "\"tokens_per_second\": " + json(speeds(row)) +
          format(", \"bytes_per_token\": %lld, \"dropped\": %d, ",
                 static_cast<long long>(row.bytes_per_token), row.dropped);
  if (!row.test.is_prefill) text += "\"of_read\": " + json(of_read(row)) + ", ";
  return text + "\"read_bytes_per_second\": " + json(row.reads) +
         ", \"seconds\": " + json(row.seconds) + "}";
}

std::string row_text(const Row& row) {
  const Quartiles speed = speeds(row), read = quartiles(row.reads), part = of_read(row);
  std::string text = row.test.is_prefill
                         ? format("prefill %-5d         ", row.test.tokens)
                         : format("decode %-4d at %-5d  ", row.test.tokens, row.test.context);
  if (row.seconds.empty())
    return text + format("all %d pairs had read probes that differ by more than 10 %%; run again",
                         row.dropped);
  text += format("%8.2f tokens/s (%.2f to %.2f), flash attention %s, read %.1f GB/s", speed.median,
                 speed.low, speed.high, row.flash ? "on" : "off", read.median / 1e9);
  if (!row.test.is_prefill) text += format(", %.1f %% of it", 100 * part.median);
  return text + format(", %zu pairs, %d dropped", row.seconds.size(), row.dropped);
}

}  // namespace peers
