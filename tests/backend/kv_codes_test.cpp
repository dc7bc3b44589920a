// Keys and values as codes: the kernels, the writing of rows, and attention over them.
#include <bit>

#include "mlxa/ops.h"

#include "array/compute_mode.h"
#include "array/fast/fallbacks.h"
#include "backend/attention_reference.h"
#include "backend/cpu/kernels/vector_dispatch.h"
#include "backend/matmul_fixture.h"
#include "backend/paged_cache.h"
#include "base/thread_pool.h"

namespace mlxa::test {
namespace {

const KVFormat kFormats[] = {{8, 64}, {8, 32}, {4, 64}, {4, 32}};

std::string name_of(const KVFormat& format) {
  return std::to_string(format.bits) + " bits in groups of " + std::to_string(format.group);
}

// Values of a row of codes, by its definition.
std::vector<double> decoded(const uint8_t* row, const KVFormat& format, int dim) {
  std::vector<double> out(dim);
  for (int i = 0; i < dim; i++) {
    const int code = format.bits == 8 ? row[i] : (row[i / 2] >> i % 2 * 4) & 15;
    const uint8_t* factors = row + dim * format.bits / 8 + i / format.group * 4;
    const auto bf16 = [&](int at) {
      return double(std::bit_cast<float>(uint32_t(factors[at] | factors[at + 1] << 8) << 16));
    };
    out[i] = code * bf16(0) + bf16(2);
  }
  return out;
}

class CodesIsa : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    if (!isa_supported(GetParam())) GTEST_SKIP() << "not on this machine";
  }
  // The row of codes, from a buffer that ends where the row does.
  static std::vector<uint8_t> row_of(Isa isa, const std::vector<float>& x, const KVFormat& format) {
    const int dim = static_cast<int>(x.size());
    cpu::Guarded<float> in(x.size());
    std::copy(x.begin(), x.end(), in.begin());
    cpu::Guarded<uint8_t> row(static_cast<size_t>(format.row_bytes(dim)));
    cpu::vector_kernels(isa).quantize_row(
        in.data(), dim, {cpu::FloatType::kFloat32, format.bits, format.group}, row.data());
    return {row.begin(), row.end()};
  }
};

INSTANTIATE_TEST_SUITE_P(All, CodesIsa, testing::Values(Isa::kScalar, Isa::kAvx2, Isa::kAvx512),
                         [](const auto& info) { return std::string(isa_name(info.param)); });

std::vector<std::vector<float>> rows_of(int dim) {
  std::mt19937 engine(3);
  std::normal_distribution<float> normal;
  std::vector<std::vector<float>> rows;
  for (const auto& [scale, shift] : {std::pair(1.0f, 0.0f),
                                     {0.01f, 40.0f},
                                     {30.0f, -500.0f},
                                     {1e-30f, 0.0f},
                                     {0.0f, 0.0f},
                                     {0.0f, 1.00390625f},
                                     {0.0f, -3.3f},
                                     {1e30f, 1e20f}}) {
    rows.emplace_back(dim);
    for (float& x : rows.back()) x = scale * normal(engine) + shift;
  }
  return rows;
}

TEST_P(CodesIsa, AreWithinHalfAStepAndTheSameEverywhere) {
  for (const KVFormat& format : kFormats) {
    for (int dim : {format.group, 2 * format.group, 192}) {
      for (const std::vector<float>& x : rows_of(dim)) {
        SCOPED_TRACE(testing::Message() << name_of(format) << " " << dim << " " << x[0]);
        const std::vector<uint8_t> row = row_of(GetParam(), x, format);
        EXPECT_EQ(row, row_of(Isa::kScalar, x, format));
        const std::vector<double> values = decoded(row.data(), format, dim);
        for (int g = 0; g < dim; g += format.group) {
          const auto [low, high] = std::minmax_element(x.begin() + g, x.begin() + g + format.group);
          // The bias rounds down and the scale up, each by less than 2^-7 of itself.
          const double most = std::max(std::fabs(*low), std::fabs(*high));
          const double range = double(*high) - *low + most / 128;
          const double step = range / ((1 << format.bits) - 1) * (1 + 1.0 / 128);
          for (int i = g; i < g + format.group; i++) {
            ASSERT_NEAR(values[i], x[i], step / 2 + most * 1e-7) << i;
          }
        }
      }
    }
  }
}

TEST_P(CodesIsa, LoadAsTheDefinitionSays) {
  for (const KVFormat& format : kFormats) {
    const int dim = 192, count = 3, stride = format.row_bytes(dim) + 5;
    cpu::Guarded<uint8_t> rows(static_cast<size_t>((count - 1) * stride + format.row_bytes(dim)));
    std::mt19937 engine(5);
    for (uint8_t& byte : rows) byte = static_cast<uint8_t>(engine() % 64 + 16);  // no NaN
    std::vector<float> out(static_cast<size_t>(count * dim));
    cpu::vector_kernels(GetParam())
        .load_codes(rows.data(), {cpu::FloatType::kFloat32, format.bits, format.group}, dim, stride,
                    count, out.data());
    for (int r = 0; r < count; r++) {
      const std::vector<double> want = decoded(rows.data() + r * stride, format, dim);
      for (int i = 0; i < dim; i++) {
        ASSERT_NEAR(out[r * dim + i], want[i], 1e-6 * std::fabs(want[i])) << name_of(format);
      }
    }
  }
}

TEST_P(CodesIsa, KeepWhatIsNoNumber) {
  for (const KVFormat& format : kFormats) {
    for (float bad : {NAN, INFINITY, -INFINITY}) {
      std::vector<float> x(128, 0.5f);
      x[37] = bad;
      const std::vector<double> values = decoded(row_of(GetParam(), x, format).data(), format, 128);
      EXPECT_FALSE(std::isfinite(values[37])) << bad;
      EXPECT_EQ(values[127], 0.5) << "another group";
    }
  }
}

// Storages of both kinds with the same keys and values, in the same blocks.
struct Pair {
  Cache floats;
  array keys, values;

  Pair(int batch, int heads, int block_size, int max_blocks, int dim, const KVFormat& format)
      : floats(batch, heads, block_size, max_blocks, dim, dim, float32),
        keys(array::uninitialized(
            {batch * max_blocks + 3, heads, block_size, format.row_bytes(dim)}, uint8)),
        values(array::uninitialized(keys.shape(), uint8)) {
    for (array* storage : {&keys, &values}) {
      std::fill_n(storage->data<uint8_t>(), storage->size(), uint8_t{0xff});  // NaN
    }
  }

  void append(const array& k, const array& v, const array& offsets, const KVFormat& format) {
    floats.append(k, v, offsets);
    keys = fast::kv_append(keys, k, floats.table, offsets, format);
    values = fast::kv_append(values, v, floats.table, offsets, format);
    eval(keys, values);
  }
};

std::function<double(int, int, int, int)> code_reader(const array& storage, const array& table,
                                                      const KVFormat& format) {
  const int heads = storage.shape(1), size = storage.shape(2), row = storage.shape(3);
  std::vector<std::vector<double>> rows;
  for (int64_t i = 0; i < int64_t{storage.shape(0)} * heads * size; i++) {
    rows.push_back(decoded(storage.data<uint8_t>() + i * row, format, format.values_of(row)));
  }
  return [=](int b, int h, int t, int d) {
    const int block = table.data<int32_t>()[b * table.shape(1) + t / size];
    return rows[(int64_t{block} * heads + h) * size + t % size][d];
  };
}

double relative_error(const array& got, const array& want) {
  const std::vector<double> a = values(got), b = values(want);
  double error = 0, size = 0;
  for (size_t i = 0; i < a.size(); i++) {
    error += (a[i] - b[i]) * (a[i] - b[i]);
    size += b[i] * b[i];
  }
  return std::sqrt(error / size);
}

struct Case {
  int heads, kv_heads, dim, block_size, window;
};

TEST(QuantizedKV, AttentionMatchesTheDefinitionOverTheCodes) {
  const Case cases[] = {{4, 4, 64, 16, 0},   {8, 2, 128, 128, 0}, {3, 1, 96, 7, 9},
                        {14, 2, 64, 32, 40}, {2, 1, 256, 16, 33}, {5, 1, 64, 128, 0},
                        {8, 1, 128, 5, 0}};
  const std::vector<int32_t> starts{0, 37, 91};
  const array offsets(starts.begin(), {3}, int32);
  for (const Case& c : cases) {
    for (const KVFormat& format : kFormats) {
      if (c.dim % format.group) continue;
      SCOPED_TRACE(testing::Message() << c.heads << "/" << c.kv_heads << " heads of " << c.dim
                                      << " " << name_of(format));
      const int length = 5, most = 96;
      Pair pair(3, c.kv_heads, c.block_size, (most + c.block_size - 1) / c.block_size, c.dim,
                format);
      const array k = random_array({3, c.kv_heads, most, c.dim}, float32, 1);
      const array v = random_array({3, c.kv_heads, most, c.dim}, float32, 2);
      const array q = random_array({3, c.heads, length, c.dim}, float32, 3);
      pair.append(k, v, constant(3, 0), format);
      AttentionParams params{0.1f, true, c.window, false, false, format};
      ReferenceAttention want{3, c.heads, c.kv_heads, length, c.dim, c.dim, 0.1f};
      want.causal = true;
      want.window = c.window;
      want.offset = [&](int b) { return starts[b]; };
      want.keys = [&](int b) { return starts[b] + length; };
      want.q = reader(q);
      want.k = code_reader(pair.keys, pair.floats.table, format);
      want.v = code_reader(pair.values, pair.floats.table, format);
      const std::vector<double> rows = want.run();
      for (Phase phase : {Phase::kPrefill, Phase::kDecode}) {
        const ComputeScope scope({Precision::kExact, phase});
        const array out =
            fast::paged_attention(q, pair.keys, pair.values, pair.floats.table, offsets, params);
        expect_near(op_info(out.primitive().kind()).fallback(out.primitive(), out.inputs())[0],
                    rows, 8e-6);
        expect_near(out, rows, 4e-6);
      }
      // Fast mode may round queries and weights to 16 bits.
      const ComputeScope scope({Precision::kFast, Phase::kDecode});
      expect_near(
          fast::paged_attention(q, pair.keys, pair.values, pair.floats.table, offsets, params),
          rows, 2e-4);
    }
  }
}

// What the codes cost on normal values with scores of deviation 1, against float32 storage. The
// error of a value is a step's (range / 255 or / 15) over sqrt(12).
TEST(QuantizedKV, OutputsStayNearThoseOfFloats) {
  for (int dim : {64, 128}) {
    for (const auto& [format, bound] :
         {std::pair(KVFormat{8, 64}, 0.01), {KVFormat{4, 64}, 0.15}}) {
      Pair pair(1, 2, 128, 8, dim, format);
      const array k = random_array({1, 2, 1000, dim}, float32, 1);
      const array v = random_array({1, 2, 1000, dim}, float32, 2);
      const array q = random_array({1, 8, 1, dim}, float32, 3);
      pair.append(k, v, constant(1, 0), format);
      AttentionParams params{1.0f / std::sqrt(float(dim)), true, 0, false, false};
      const array want = fast::paged_attention(q, pair.floats.keys, pair.floats.values,
                                               pair.floats.table, constant(1, 999), params);
      params.kv = format;
      const array got = fast::paged_attention(q, pair.keys, pair.values, pair.floats.table,
                                              constant(1, 999), params);
      const double error = relative_error(got, want);
      RecordProperty("relative_error_" + std::to_string(format.bits), std::to_string(error));
      std::cout << name_of(format) << ", dim " << dim << ": relative error " << error << "\n";
      EXPECT_LT(error, bound);
      EXPECT_GT(error, bound / 20);
    }
  }
}

// Over several parts, tiles and blocks, of keys whose scores vary much: what rounding queries and
// weights to 16 bits adds is far below what the codes themselves cost (5e-3 and 9e-2).
TEST(QuantizedKV, FastModeRoundsLittle) {
  const int keys = 1500;
  for (const KVFormat& format : kFormats) {
    for (const auto& [heads, dim] : {std::pair(1, 64), {2, 128}, {3, 64}, {4, 128}, {7, 64}}) {
      Pair pair(1, 1, 128, 12, dim, format);
      const array k = random_array({1, 1, keys, dim}, float32, 1);
      const array v = random_array({1, 1, keys, dim}, float32, 2);
      const array q = random_array({1, heads, 1, dim}, float32, 3);
      pair.append(k, v, constant(1, 0), format);
      ReferenceAttention want{1, heads, 1, 1, dim, dim, 2.0 / std::sqrt(dim)};
      want.offset = [&](int) { return keys - 1; };
      want.keys = [&](int) { return keys; };
      want.q = reader(q);
      want.k = code_reader(pair.keys, pair.floats.table, format);
      want.v = code_reader(pair.values, pair.floats.table, format);
      const std::vector<double> rows = want.run();
      const ComputeScope scope({Precision::kFast, Phase::kDecode});
      const array out =
          fast::paged_attention(q, pair.keys, pair.values, pair.floats.table, constant(1, keys - 1),
                                {2 / std::sqrt(float(dim)), true, 0, false, false, format});
      double error = 0, size = 0;
      const std::vector<double> got = values(out);
      for (size_t i = 0; i < rows.size(); i++) {
        error += (got[i] - rows[i]) * (got[i] - rows[i]);
        size += rows[i] * rows[i];
      }
      EXPECT_LT(std::sqrt(error / size), 1.5e-4) << name_of(format) << ", " << heads;
    }
  }
}

// A value that is no number stays one in fast mode too, and spoils its own columns alone.
TEST(QuantizedKV, FastModeKeepsWhatIsNoNumber) {
  for (const KVFormat& format : kFormats) {
    Pair pair(1, 1, 16, 8, 128, format);
    const array k = random_array({1, 1, 100, 128}, float32, 1);
    array v = random_array({1, 1, 100, 128}, float32, 2);
    v.eval();
    v.data<float>()[90 * 128 + 70] = NAN;
    const array q = random_array({1, 4, 1, 128}, float32, 3);
    pair.append(k, v, constant(1, 0), format);
    const ComputeScope scope({Precision::kFast, Phase::kDecode});
    const std::vector<double> out =
        values(fast::paged_attention(q, pair.keys, pair.values, pair.floats.table, constant(1, 99),
                                     {0.1f, true, 0, false, false, format}));
    for (int h = 0; h < 4; h++) {
      EXPECT_TRUE(std::isnan(out[h * 128 + 70])) << name_of(format);
      for (int d = 0; d < 64; d++) ASSERT_TRUE(std::isfinite(out[h * 128 + d])) << name_of(format);
    }
  }
}

TEST(QuantizedKV, ThreadsAndChunksChangeNoBit) {
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads(), length = 700;
  const KVFormat format{8, 64};
  const array k = random_array({1, 2, length, 64}, float32, 1);
  const array v = random_array({1, 2, length, 64}, float32, 2);
  const array q = random_array({1, 6, length, 64}, float32, 3);
  for (Phase phase : {Phase::kPrefill, Phase::kDecode}) {
    const ComputeScope scope({Precision::kFast, phase});
    std::vector<std::vector<double>> runs;
    for (const auto& [chunk, threads] : {std::pair(length, 2), {1, 1}, {1, 5}, {37, 3}}) {
      if (phase == Phase::kDecode && chunk > 100) continue;
      pool.set_threads(threads);
      Pair pair(1, 2, 128, 6, 64, format);
      std::vector<double> last;
      for (int t = 0; t < length; t += chunk) {
        const int end = std::min(length, t + chunk);
        pair.append(positions(k, t, end), positions(v, t, end), constant(1, t), format);
        const array out =
            fast::paged_attention(positions(q, t, end), pair.keys, pair.values, pair.floats.table,
                                  constant(1, t), {0.125f, true, 0, false, false, format});
        const std::vector<double> rows = values(out);
        last.clear();  // the last position of every head
        for (int h = 0; h < 6; h++) {
          const auto* from = rows.data() + (int64_t{h} * (end - t) + end - t - 1) * 64;
          last.insert(last.end(), from, from + 64);
        }
      }
      runs.push_back(last);
    }
    for (const auto& run : runs) EXPECT_EQ(run, runs[0]);
  }
  pool.set_threads(before);
}

TEST(QuantizedKV, RowsAreCopiedAsTheyAre) {
  const KVFormat format{8, 64};
  Pair pair(1, 2, 16, 2, 64, format);
  const array k = random_array({1, 2, 20, 64}, float32, 1);
  pair.append(k, k, constant(1, 0), format);
  const int from = pair.floats.table.data<int32_t>()[0], to = pair.floats.table.data<int32_t>()[1];
  const void* memory = pair.keys.data<void>();
  const array part = slice(pair.keys, {from, 0, 0, 0}, {from + 1, 2, 5, pair.keys.shape(3)});
  const array out = fast::kv_append(pair.keys, part, array({to}, {1, 1}, int32), constant(1, 0));
  out.eval();
  EXPECT_EQ(out.data<void>(), memory);
  const auto at = [&](int block, int h, int t) {
    return out.data<uint8_t>() + ((int64_t{block} * 2 + h) * 16 + t) * 68;
  };
  for (int h = 0; h < 2; h++) {
    for (int t = 0; t < 5; t++)
      EXPECT_TRUE(std::equal(at(to, h, t), at(to, h, t) + 68, at(from, h, t)));
  }
}

TEST(QuantizedKV, RefusesOtherFormats) {
  Pair pair(1, 2, 16, 2, 64, {8, 64});
  const array k = random_array({1, 2, 3, 64}, float32, 1), offsets = constant(1, 0);
  const array& table = pair.floats.table;
  EXPECT_THROW(fast::kv_append(pair.keys, k, table, offsets, {7, 64}), std::invalid_argument);
  EXPECT_THROW(fast::kv_append(pair.keys, k, table, offsets, {8, 16}), std::invalid_argument);
  EXPECT_THROW(fast::kv_append(pair.keys, k, table, offsets, {4, 64}), std::invalid_argument);
  EXPECT_THROW(fast::kv_append(pair.keys, k, table, offsets), std::invalid_argument);
  EXPECT_THROW(fast::kv_append(pair.floats.keys, k, table, offsets, {8, 64}),
               std::invalid_argument);
  const AttentionParams params{1, true, 0, false, false, {4, 64}};
  EXPECT_THROW(fast::paged_attention(k, pair.keys, pair.values, table, offsets, params),
               std::invalid_argument);
}

}  // namespace
}  // namespace mlxa::test
