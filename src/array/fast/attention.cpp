#include "mlxa/fast.h"

#include "array/backend.h"
#include "array/fast/engine_ops.h"
#include "array/node.h"
#include "array/ops/common.h"

namespace mlxa::fast {

using namespace ops;

namespace {

void check_4d(const char* op, const char* what, const array& a) {
  if (a.ndim() != 4) {
    invalid(op, std::string(what) + " of shape " + text(a.shape()) + ", expected four dimensions");
  }
  if (!is_floating(a.dtype())) {
    invalid(op,
            std::string(what) + " of type " + text(a.dtype()) + ", expected a floating-point type");
  }
}

// A storage of keys or values in `format`; the length of its rows, in values.
int check_storage(const char* op, const char* what, const array& a, const KVFormat& format) {
  if (format.bits == 0) {
    check_4d(op, what, a);
    return a.shape(3);
  }
  if ((format.bits != 8 && format.bits != 4) || (format.group != 64 && format.group != 32)) {
    invalid(op, "a format of " + std::to_string(format.bits) + " bits in groups of " +
                    std::to_string(format.group) + ", expected 8 or 4 in groups of 64 or 32");
  }
  const int values = a.ndim() == 4 && a.dtype() == uint8 ? format.values_of(a.shape(3)) : -1;
  if (values < 1) {
    invalid(op, std::string(what) + " " + text(a.shape()) + " " + text(a.dtype()) +
                    ", expected uint8 rows of the format");
  }
  return values;
}

// Heads and dimensions of queries against those of keys, which have `dim` values, and values.
void check_heads(const char* op, const array& q, const array& k, const array& v, int dim) {
  if (q.shape(3) != dim) {
    invalid(op, "queries of shape " + text(q.shape()) + " and keys of shape " + text(k.shape()) +
                    ", expected equal last axes");
  }
  if (k.shape(1) != v.shape(1) || k.shape(2) != v.shape(2) || k.shape(0) != v.shape(0)) {
    invalid(op, "keys of shape " + text(k.shape()) + " and values of shape " + text(v.shape()) +
                    ", expected equal ones up to the last axis");
  }
  if (k.shape(1) == 0 || q.shape(1) % k.shape(1) != 0) {
    invalid(op, std::to_string(q.shape(1)) + " query heads, expected a multiple of the " +
                    std::to_string(k.shape(1)) + " key heads");
  }
}

// Appends mask and sinks to the inputs and says so in the parameters.
void add_options(const char* op, const array& q, int keys, const std::optional<array>& mask,
                 const std::optional<array>& sinks, AttentionParams& params,
                 std::vector<array>& inputs) {
  params.has_mask = mask.has_value();
  params.has_sinks = sinks.has_value();
  if (mask) {
    const Shape full{q.shape(0), q.shape(1), q.shape(2), keys};
    if (mask->dtype() != bool_ && !is_floating(mask->dtype())) {
      invalid(op, "a mask of type " + text(mask->dtype()) + ", expected bool or floating-point");
    }
    if (mask->ndim() > 4 || broadcast_shapes(mask->shape(), full) != full) {
      invalid(op, "a mask of shape " + text(mask->shape()) + ", expected one that broadcasts to " +
                      text(full));
    }
    array last_two = *mask;
    while (last_two.ndim() < 2) last_two = expand_dims(last_two, 0);
    inputs.push_back(std::move(last_two));
  }
  if (sinks) {
    if (sinks->ndim() != 1 || sinks->shape(0) != q.shape(1) || !is_floating(sinks->dtype())) {
      invalid(op, "sinks " + text(sinks->shape()) + " " + text(sinks->dtype()) +
                      ", expected floating (" + std::to_string(q.shape(1)) + ")");
    }
    inputs.push_back(*sinks);
  }
}

// Block table [B, max_blocks] and offsets [B] of `batch` sequences.
void check_table(const char* op, const array& table, const array& offsets, int batch) {
  if (table.ndim() != 2 || table.shape(0) != batch || table.dtype() != int32) {
    invalid(op, "a table " + text(table.shape()) + " " + text(table.dtype()) +
                    ", expected int32 (" + std::to_string(batch) + ",blocks)");
  }
  if (offsets.ndim() != 1 || offsets.shape(0) != batch || offsets.dtype() != int32) {
    invalid(op, "offsets " + text(offsets.shape()) + " " + text(offsets.dtype()) +
                    ", expected int32 (" + std::to_string(batch) + ")");
  }
}

}  // namespace

array scaled_dot_product_attention(const array& queries, const array& keys, const array& values,
                                   float scale, const std::string& mask_mode,
                                   std::optional<array> mask_arr, const std::optional<array>& sinks,
                                   StreamOrDevice s) {
  constexpr const char* kOp = "scaled_dot_product_attention";
  check_4d(kOp, "queries", queries);
  check_4d(kOp, "keys", keys);
  check_4d(kOp, "values", values);
  check_heads(kOp, queries, keys, values, keys.shape(3));
  if (queries.shape(0) != keys.shape(0)) {
    invalid(kOp, "a batch of " + std::to_string(queries.shape(0)) + " queries and " +
                     std::to_string(keys.shape(0)) + " keys, expected equal ones");
  }
  if (!mask_mode.empty() && mask_mode != "causal" && mask_mode != "array") {
    invalid(kOp, "mask mode '" + mask_mode + "', expected '', 'causal' or 'array'");
  }
  if (mask_mode == "array" && !mask_arr) invalid(kOp, "mask mode 'array' without a mask");
  if (mask_mode == "causal" && mask_arr) invalid(kOp, "mask mode 'causal' and a mask array");
  const Dtype dtype = result_type(queries, keys, values);
  AttentionParams params{scale, mask_mode == "causal", 0, false, false, {}};
  std::vector<array> inputs{astype(queries, dtype, s), astype(keys, dtype, s),
                            astype(values, dtype, s)};
  add_options(kOp, queries, keys.shape(2), mask_arr, sinks, params, inputs);
  const Shape shape{queries.shape(0), queries.shape(1), queries.shape(2), values.shape(3)};
  return make_node<ScaledDotProductAttention>(shape, dtype, std::move(inputs), to_stream(s),
                                              params);
}

array kv_storage(const Shape& shape, Dtype dtype, StreamOrDevice s) {
  Backend* backend = backend_for(to_stream(s).device.type);
  if (!backend) throw std::invalid_argument("[kv_storage] the device is not available here");
  array out(std::make_shared<ArrayDesc>(shape, dtype));
  out.desc().set_row_contiguous(backend->allocator().reserve_zeros(out.nbytes()));
  out.desc().publish();
  return out;
}

array kv_append(const array& storage, const array& values, const array& table, const array& offsets,
                KVFormat format, StreamOrDevice s) {
  constexpr const char* kOp = "kv_append";
  const bool as_they_are = format.bits == 0 && storage.dtype() == uint8 && values.dtype() == uint8;
  if (as_they_are && (storage.ndim() != 4 || values.ndim() != 4)) {
    invalid(kOp, "rows of shape " + text(values.shape()) + " for storage of shape " +
                     text(storage.shape()) + ", expected four dimensions");
  }
  if (!as_they_are) check_4d(kOp, "values", values);
  const int dim = as_they_are ? storage.shape(3) : check_storage(kOp, "storage", storage, format);
  if (storage.shape(1) != values.shape(1) || dim != values.shape(3)) {
    invalid(kOp, "values of shape " + text(values.shape()) + " for storage of shape " +
                     text(storage.shape()) + ", expected equal heads and dimensions");
  }
  check_table(kOp, table, offsets, values.shape(0));
  return make_node<KVAppend>(storage.shape(), storage.dtype(), {storage, values, table, offsets},
                             to_stream(s), {storage.shape(2), format});
}

array paged_attention(const array& q, const array& keys, const array& values, const array& table,
                      const array& offsets, AttentionParams params,
                      const std::optional<array>& mask, const std::optional<array>& sinks,
                      StreamOrDevice s) {
  constexpr const char* kOp = "paged_attention";
  check_4d(kOp, "queries", q);
  const int dim = check_storage(kOp, "keys", keys, params.kv);
  const int value_dim = check_storage(kOp, "values", values, params.kv);
  check_heads(kOp, q, keys, values, dim);
  check_table(kOp, table, offsets, q.shape(0));
  if (params.window < 0) {
    invalid(kOp, "a window of " + std::to_string(params.window) + ", expected 0 or more");
  }
  std::vector<array> inputs{q, keys, values, table, offsets};
  const int block_size = keys.shape(2);
  const int most_keys = dimension(kOp, int64_t{table.shape(1)} * block_size);
  add_options(kOp, q, most_keys, mask, sinks, params, inputs);
  return make_node<PagedAttention>({q.shape(0), q.shape(1), q.shape(2), value_dim}, q.dtype(),
                                   std::move(inputs), to_stream(s), {params, block_size});
}

}  // namespace mlxa::fast
