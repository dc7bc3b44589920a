// Attention from its definition, in double precision, one row at a time.
#pragma once

#include <functional>
#include <limits>

#include "backend/fused_fixture.h"

namespace mlxa::test {

struct ReferenceAttention {
  int batch, heads, kv_heads, length, dim, value_dim;
  double scale;
  bool causal = false;
  int window = 0;
  std::function<int(int b)> offset = {};                                     // position of query 0
  std::function<int(int b)> keys = {};                                       // number of keys
  std::function<double(int b, int h, int t, int d)> q = {}, k = {}, v = {};  // k, v by key head
  std::function<double(int b, int h, int i, int t)> mask = {};               // added; -inf hides
  std::function<double(int h)> sink = {};

  std::vector<double> run() const {
    std::vector<double> out;
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int i = 0; i < length; i++) row(b, h, i, out);
      }
    }
    return out;
  }

 private:
  bool hidden(int b, int i, int t) const {
    const int position = offset(b) + i;
    return (causal && t > position) || (window > 0 && t <= position - window);
  }

  void row(int b, int h, int i, std::vector<double>& out) const {
    const int kv = h / (heads / kv_heads), count = keys(b);
    std::vector<double> scores(count, -std::numeric_limits<double>::infinity());
    double top = scores.empty() ? -INFINITY : scores[0];
    for (int t = 0; t < count; t++) {
      if (hidden(b, i, t)) continue;
      double dot = 0;
      for (int d = 0; d < dim; d++) dot += q(b, h, i, d) * k(b, kv, t, d);
      scores[t] = scale * dot + (mask ? mask(b, h, i, t) : 0);
      top = std::max(top, scores[t]);
    }
    std::vector<double> result(value_dim, 0);
    if (top > -std::numeric_limits<double>::infinity()) {
      if (sink) top = std::max(top, sink(h));
      double total = sink ? std::exp(sink(h) - top) : 0;
      for (int t = 0; t < count; t++) {
        const double weight = std::exp(scores[t] - top);
        total += weight;
        for (int d = 0; weight > 0 && d < value_dim; d++) result[d] += weight * v(b, kv, t, d);
      }
      for (double& x : result) x /= total;
    }
    out.insert(out.end(), result.begin(), result.end());
  }
};

/// Reads a [a, b, c, d] array's values by index.
inline std::function<double(int, int, int, int)> reader(const array& a) {
  return [values = values(a), s = a.shape()](int i, int j, int k, int l) {
    return values[((size_t(i) * s[1] + j) * s[2] + k) * s[3] + l];
  };
}

}  // namespace mlxa::test
