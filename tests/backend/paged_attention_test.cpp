// Attention over blocks, and the writing of new positions.
#include "array/compute_mode.h"
#include "backend/attention_reference.h"
#include "backend/paged_cache.h"
#include "base/thread_pool.h"

namespace mlxa::test {
namespace {

struct Case {
  int heads, kv_heads, dim, value_dim, block_size, window;
  bool causal;
};

TEST(PagedAttention, SequencesWithTheirOwnOffsetsMatchTheDefinition) {
  const Case cases[] = {
      {4, 4, 64, 64, 16, 0, true},  {8, 2, 64, 64, 32, 0, true},    {6, 1, 80, 48, 7, 0, true},
      {3, 3, 33, 17, 5, 9, true},   {8, 4, 128, 128, 64, 40, true}, {2, 1, 16, 16, 16, 0, false},
      {5, 1, 64, 72, 128, 0, true}, {7, 1, 96, 64, 16, 33, true},   {9, 1, 3, 5, 8, 0, true},
  };
  const std::vector<int32_t> starts{0, 37, 91};
  const array offsets(starts.begin(), {3}, int32);
  for (const Case& c : cases) {
    for (Dtype dtype : kFloats) {
      SCOPED_TRACE(testing::Message() << c.heads << "/" << c.kv_heads << " heads of " << c.dim
                                      << " window " << c.window << " " << dtype_name(dtype));
      const int length = 5, most = 96;
      Cache cache(3, c.kv_heads, c.block_size, (most + c.block_size - 1) / c.block_size, c.dim,
                  c.value_dim, dtype);
      const array k = random_array({3, c.kv_heads, most, c.dim}, dtype, 1);
      const array v = random_array({3, c.kv_heads, most, c.value_dim}, dtype, 2);
      const array q = random_array({3, c.heads, length, c.dim}, dtype, 3);
      const array sinks = random_array({c.heads}, float32, 4);
      // Each sequence is written as far as it goes; the others' extra positions are overwritten by
      // nothing, since a sequence never reads beyond its own.
      cache.append(k, v, constant(3, 0));
      AttentionParams params{0.3f, c.causal, c.window, false, false};
      ReferenceAttention want{3, c.heads, c.kv_heads, length, c.dim, c.value_dim, 0.3f};
      want.causal = c.causal;
      want.window = c.window;
      want.offset = [&](int b) { return starts[b]; };
      want.keys = [&](int b) { return starts[b] + length; };
      want.q = reader(q);
      want.k = reader(k);
      want.v = reader(v);
      want.sink = [s = values(sinks)](int h) { return s[h]; };
      const std::vector<double> rows = want.run();
      for (Phase phase : {Phase::kPrefill, Phase::kDecode}) {
        const ComputeScope scope({Precision::kExact, phase});
        const array out = fast::paged_attention(q, cache.keys, cache.values, cache.table, offsets,
                                                params, {}, sinks);
        expect_near(out, rows, 2 * tolerance(dtype));
      }
    }
  }
}

TEST(PagedAttention, MasksHideAndAdd) {
  const int length = 3, keys = 20, heads = 4;
  Cache cache(1, 2, 8, 3, 32, 32, float32);
  const array k = random_array({1, 2, keys, 32}, float32, 1);
  const array v = random_array({1, 2, keys, 32}, float32, 2);
  const array q = random_array({1, heads, length, 32}, float32, 3);
  cache.append(k, v, constant(1, 0));
  const array added = random_array({1, heads, length, 24}, float32, 5);
  array seen = array::uninitialized({1, 1, length, 24}, bool_);
  for (int i = 0; i < 24 * length; i++) seen.data<bool>()[i] = i >= 48 ? false : i % 3 != 0;
  ReferenceAttention want{1, heads, 2, length, 32, 32, 0.2f};
  want.offset = [&](int) { return keys - length; };
  want.keys = [&](int) { return keys; };
  want.q = reader(q);
  want.k = reader(k);
  want.v = reader(v);
  const AttentionParams params{0.2f, false, 0, false, false};
  const array offsets = constant(1, keys - length);
  want.mask = reader(added);
  expect_near(
      fast::paged_attention(q, cache.keys, cache.values, cache.table, offsets, params, added),
      want.run(), 4e-6);
  // The last row of the bool mask sees nothing.
  want.mask = [s = reader(seen)](int, int, int i, int t) { return s(0, 0, i, t) ? 0 : -INFINITY; };
  const array out =
      fast::paged_attention(q, cache.keys, cache.values, cache.table, offsets, params, seen);
  expect_near(out, want.run(), 4e-6);
  EXPECT_EQ(values(out).back(), 0);
}

// The tokens of a prompt, in chunks of a size, appended and attended.
array in_chunks(const array& q, const array& k, const array& v, int chunk, Phase phase, int window,
                int threads) {
  ComputeScope scope({Precision::kExact, phase});
  ThreadPool& pool = ThreadPool::instance();
  const int before = pool.threads();
  pool.set_threads(threads);
  const int batch = q.shape(0), length = q.shape(2);
  Cache cache(batch, k.shape(1), 16, (length + 15) / 16, k.shape(3), v.shape(3), k.dtype());
  array out = array::uninitialized(q.shape(), q.dtype());
  for (int t = 0; t < length; t += chunk) {
    const int end = std::min(length, t + chunk);
    const array offsets = constant(batch, t);
    cache.append(positions(k, t, end), positions(v, t, end), offsets);
    const array part =
        fast::paged_attention(positions(q, t, end), cache.keys, cache.values, cache.table, offsets,
                              {0.125f, true, window, false, false});
    const std::vector<double> rows = values(part);
    size_t at = 0;
    for (int i = 0; i < q.shape(0) * q.shape(1); i++) {
      for (int p = t; p < end; p++) {
        for (int d = 0; d < q.shape(3); d++) {
          out.data<float>()[(size_t(i) * length + p) * q.shape(3) + d] =
              static_cast<float>(rows[at++]);
        }
      }
    }
  }
  pool.set_threads(before);
  return out;
}

TEST(PagedAttention, ChunksAndThreadsChangeNoBitOfAFamily) {
  for (int window : {0, 70}) {
    const int length = 1100;  // parts of 512 keys: three
    const array q = random_array({2, 4, length, 48}, float32, 1);
    const array k = random_array({2, 2, length, 48}, float32, 2);
    const array v = random_array({2, 2, length, 48}, float32, 3);
    const array whole = in_chunks(q, k, v, length, Phase::kPrefill, window, 2);
    expect_same_bits(in_chunks(q, k, v, 1, Phase::kPrefill, window, 2), whole);
    expect_same_bits(in_chunks(q, k, v, 37, Phase::kPrefill, window, 1), whole);
    expect_same_bits(in_chunks(q, k, v, 256, Phase::kPrefill, window, 3), whole);
    const array single = in_chunks(q, k, v, 1, Phase::kDecode, window, 2);
    expect_near(single, values(whole), 2e-6);
    expect_same_bits(in_chunks(q, k, v, 1, Phase::kDecode, window, 1), single);
    expect_same_bits(in_chunks(q, k, v, 1, Phase::kDecode, window, 5), single);
    expect_same_bits(in_chunks(q, k, v, 3, Phase::kDecode, window, 5), single);
  }
}

// Beyond 4096 keys parts are longer.
TEST(PagedAttention, LongSequencesMatchTheDefinition) {
  const int keys = 5300, dim = 64;
  for (Dtype dtype : {float32, float16}) {
    Cache cache(1, 2, 128, (keys + 127) / 128, dim, dim, dtype);
    const array k = random_array({1, 2, keys, dim}, dtype, 1);
    const array v = random_array({1, 2, keys, dim}, dtype, 2);
    const array q = random_array({1, 6, 1, dim}, float32, 3);
    cache.append(k, v, constant(1, 0));
    for (int window : {0, 700}) {
      ReferenceAttention want{1, 6, 2, 1, dim, dim, 0.125f};
      want.offset = [&](int) { return keys - 1; };
      want.keys = [&](int) { return keys; };
      want.window = window;
      want.q = reader(q);
      want.k = reader(k);
      want.v = reader(v);
      const std::vector<double> rows = want.run();
      const ComputeScope scope({Precision::kFast, Phase::kDecode});
      ThreadPool& pool = ThreadPool::instance();
      const int before = pool.threads();
      std::vector<double> first;
      for (int threads : {1, 2, 7}) {
        pool.set_threads(threads);
        const array out =
            fast::paged_attention(q, cache.keys, cache.values, cache.table, constant(1, keys - 1),
                                  {0.125f, true, window, false, false});
        expect_near(out, rows, 4e-6);
        if (first.empty()) first = values(out);
        EXPECT_EQ(values(out), first) << threads;
      }
      pool.set_threads(before);
    }
  }
}

TEST(PagedAttention, BatchMatesChangeNoBit) {
  const array q = random_array({3, 4, 2, 32}, float32, 1);
  const array k = random_array({3, 4, 64, 32}, float32, 2);
  const array v = random_array({3, 4, 64, 32}, float32, 3);
  Cache all(3, 4, 16, 4, 32, 32, float32);
  all.append(k, v, constant(3, 0));
  const std::vector<int32_t> starts{5, 62, 30};
  const AttentionParams params{0.2f, true, 0, false, false};
  const array together = fast::paged_attention(q, all.keys, all.values, all.table,
                                               array(starts.begin(), {3}, int32), params);
  const std::vector<double> rows = values(together);
  const size_t per = rows.size() / 3;
  for (int b = 0; b < 3; b++) {
    const float* from = q.data<float>() + b * 4 * 2 * 32;
    const array alone = fast::paged_attention(array(from, {1, 4, 2, 32}), all.keys, all.values,
                                              array(all.table.data<int32_t>() + b * 4, {1, 4}),
                                              constant(1, starts[b]), params);
    const std::vector<double> own = values(alone);
    for (size_t i = 0; i < per; i++) ASSERT_EQ(own[i], rows[b * per + i]);
  }
}

TEST(KVStorage, IsZeroFromItsFirstByteToItsLast) {
  std::vector<array> storages;
  for (int i = 0; i < 20; i++) {
    storages.push_back(fast::kv_storage({3, 1, 1000, 1001}, float32));  // 11.5 MiB
    float* data = storages.back().data<float>();
    EXPECT_EQ(reinterpret_cast<uintptr_t>(data) % 64, 0u);
    for (size_t at : {size_t{0}, size_t{1} << 20, storages.back().size() - 1}) {
      EXPECT_EQ(data[at], 0) << i << " " << at;
      data[at] = static_cast<float>(i + 1);
    }
  }
  for (int i = 0; i < 20; i++) {
    for (size_t at : {size_t{0}, size_t{1} << 20, storages[i].size() - 1}) {
      EXPECT_EQ(storages[i].data<float>()[at], static_cast<float>(i + 1)) << i << " " << at;
    }
  }
}

TEST(KVAppend, WritesInPlaceAndConverts) {
  Cache cache(2, 3, 4, 3, 6, 6, bfloat16);
  const void* memory = cache.keys.data<void>();
  const array values_in = random_array({2, 3, 5, 6}, float32, 9);
  const std::vector<int32_t> starts{0, 7};
  const array out =
      fast::kv_append(cache.keys, values_in, cache.table, array(starts.begin(), {2}, int32));
  out.eval();
  EXPECT_EQ(out.data<void>(), memory);
  const auto at = reader(out), want = reader(values_in);
  for (int b = 0; b < 2; b++) {
    for (int t = 0; t < 5; t++) {
      const int position = starts[b] + t;
      const int block = cache.table.data<int32_t>()[b * 3 + position / 4];
      for (int h = 0; h < 3; h++) {
        EXPECT_EQ(at(block, h, position % 4, 2), double(float(bfloat16_t(want(b, h, t, 2)))));
      }
    }
  }
}

TEST(KVAppend, RefusesPositionsWithoutBlocks) {
  Cache cache(1, 1, 4, 2, 8, 8, float32);
  const array rows = random_array({1, 1, 3, 8}, float32, 1);
  EXPECT_THROW(fast::kv_append(cache.keys, rows, cache.table, constant(1, 6)).eval(),
               std::out_of_range);
  EXPECT_THROW(fast::kv_append(cache.keys, rows, cache.table, constant(1, -1)).eval(),
               std::out_of_range);
  cache.table.data<int32_t>()[0] = 99;
  EXPECT_THROW(fast::kv_append(cache.keys, rows, cache.table, constant(1, 0)).eval(),
               std::out_of_range);
}

}  // namespace
}  // namespace mlxa::test
