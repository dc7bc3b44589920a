// Array operations against MLX's results (tests/golden/ops).
#include "support/golden_ops.h"

#include "mlxa/random.h"

namespace mlxa::test {
namespace {

using Arrays = std::vector<array>;

#define OP1(name)                                              \
  {                                                            \
#name, [](const Call& c) { return Arrays{name(c.in(0))}; } \
  }
#define OP2(name)                                                       \
  {                                                                     \
#name, [](const Call& c) { return Arrays{name(c.in(0), c.in(1))}; } \
  }

TEST(GoldenOps, Unary) {
  check_family(
      "unary",
      {OP1(exp),
       OP1(expm1),
       OP1(log),
       OP1(log2),
       OP1(log10),
       OP1(log1p),
       OP1(sin),
       OP1(cos),
       OP1(tan),
       OP1(tanh),
       OP1(sinh),
       OP1(cosh),
       OP1(arcsin),
       OP1(arccos),
       OP1(arctan),
       OP1(arcsinh),
       OP1(arccosh),
       OP1(arctanh),
       OP1(sigmoid),
       OP1(erf),
       OP1(erfinv),
       OP1(rsqrt),
       OP1(abs),
       OP1(negative),
       OP1(sign),
       OP1(floor),
       OP1(ceil),
       OP1(square),
       OP1(sqrt),
       OP1(isnan),
       OP1(isinf),
       OP1(reciprocal),
       OP1(isfinite),
       OP1(isposinf),
       OP1(isneginf),
       OP1(logical_not),
       OP1(degrees),
       OP1(radians),
       OP1(bitwise_invert),
       {"round", [](const Call& c) { return Arrays{round(c.in(0), c.integer("decimals"))}; }},
       {"clip", [](const Call& c) { return Arrays{clip(c.in(0), c.inputs[1], c.inputs[2])}; }},
       {"nan_to_num", [](const Call& c) {
          std::optional<float> high, low;
          if (c.args.contains("posinf")) high = c.get<float>("posinf");
          if (c.args.contains("neginf")) low = c.get<float>("neginf");
          return Arrays{nan_to_num(c.in(0), c.get<float>("nan"), high, low)};
        }}});
}

TEST(GoldenOps, Binary) {
  check_family("binary", {OP2(add),          OP2(subtract),    OP2(multiply),    OP2(divide),
                          OP2(maximum),      OP2(minimum),     OP2(equal),       OP2(not_equal),
                          OP2(less),         OP2(less_equal),  OP2(greater),     OP2(greater_equal),
                          OP2(arctan2),      OP2(logaddexp),   OP2(power),       OP2(remainder),
                          OP2(floor_divide), OP2(bitwise_and), OP2(bitwise_or),  OP2(bitwise_xor),
                          OP2(left_shift),   OP2(right_shift), OP2(logical_and), OP2(logical_or)});
}

TEST(GoldenOps, Cast) {
  check_family("cast",
               {{"astype", [](const Call& c) { return Arrays{astype(c.in(0), c.dtype())}; }},
                {"view", [](const Call& c) { return Arrays{view(c.in(0), c.dtype())}; }}});
}

#define REDUCTION(name)                                                                \
  {                                                                                    \
#name, [](const Call& c) { return Arrays{name(c.in(0), c.axes(), c.keepdims())}; } \
  }
#define VARIANCE(name)                                                                               \
  {                                                                                                  \
#name,                                                                                           \
        [](const Call&                                                                               \
               c) { return Arrays{name(c.in(0), c.axes(), c.keepdims(), c.args.value("ddof", 0))}; } \
  }
#define ARG_REDUCTION(name)                                           \
  {                                                                   \
#name, [](const Call& c) {                                          \
      if (c.flat()) return Arrays{name(c.in(0), c.keepdims())};         \
      return Arrays{name(c.in(0), c.integer("axis"), c.keepdims())};    \
    } \
  }

TEST(GoldenOps, Reduce) {
  check_family("reduce",
               {REDUCTION(sum), REDUCTION(mean), REDUCTION(prod), REDUCTION(max), REDUCTION(min),
                REDUCTION(all), REDUCTION(any), REDUCTION(logsumexp), VARIANCE(var), VARIANCE(std),
                ARG_REDUCTION(argmax), ARG_REDUCTION(argmin)});
}

#define SCAN(name)                                                       \
  {                                                                      \
#name, [](const Call& c) {                                             \
      const bool reverse = c.get<bool>("reverse"), inclusive = c.get<bool>("inclusive"); \
      if (c.flat()) return Arrays{name(c.in(0), reverse, inclusive)};      \
      return Arrays{name(c.in(0), c.integer("axis"), reverse, inclusive)}; \
    } \
  }

TEST(GoldenOps, Scan) {
  check_family("scan", {SCAN(cumsum),
                        SCAN(cumprod),
                        SCAN(cummax),
                        SCAN(cummin),
                        SCAN(logcumsumexp),
                        {"softmax", [](const Call& c) {
                           return Arrays{softmax(c.in(0), c.axes(), c.get<bool>("precise"))};
                         }}});
}

#define ORDER(name)                                                                               \
  {                                                                                               \
#name,                                                                                        \
        [](const Call&                                                                            \
               c) { return Arrays{c.flat() ? name(c.in(0)) : name(c.in(0), c.integer("axis"))}; } \
  }
#define ORDER_AT(name, place)                                                          \
  {                                                                                    \
#name, [](const Call& c) {                                                           \
      const int at = c.integer(place);                                                   \
      return Arrays{c.flat() ? name(c.in(0), at) : name(c.in(0), at, c.integer("axis"))}; \
    } \
  }

TEST(GoldenOps, Sort) {
  check_family("sort",
               {ORDER(sort),
                ORDER(argsort),
                ORDER_AT(partition, "kth"),
                ORDER_AT(argpartition, "kth"),
                ORDER_AT(topk, "k"),
                {"searchsorted", [](const Call& c) {
                   return Arrays{searchsorted(c.in(0), c.in(1), c.get<std::string>("side"))};
                 }}});
}

TEST(GoldenOps, Index) {
  check_family("index",
               {{"take",
                 [](const Call& c) {
                   if (c.flat()) return Arrays{take(c.in(0), c.in(1))};
                   return Arrays{take(c.in(0), c.in(1), c.integer("axis"))};
                 }},
                {"take_along_axis",
                 [](const Call& c) {
                   if (c.flat())
                     return Arrays{take_along_axis(flatten(c.in(0)), flatten(c.in(1)), 0)};
                   return Arrays{take_along_axis(c.in(0), c.in(1), c.integer("axis"))};
                 }},
                {"put_along_axis",
                 [](const Call& c) {
                   if (!c.flat())
                     return Arrays{put_along_axis(c.in(0), c.in(1), c.in(2), c.integer("axis"))};
                   const array flat = put_along_axis(flatten(c.in(0)), c.in(1), c.in(2), 0);
                   return Arrays{reshape(flat, c.in(0).shape())};
                 }},
                {"where", [](const Call& c) { return Arrays{where(c.in(0), c.in(1), c.in(2))}; }},
                {"slice",
                 [](const Call& c) {
                   return Arrays{slice(c.in(0), c.get<Shape>("start"), c.get<Shape>("stop"),
                                       c.get<Shape>("strides"))};
                 }},
                {"slice_update", [](const Call& c) {
                   return Arrays{slice_update(c.in(0), c.in(1), c.get<Shape>("start"),
                                              c.get<Shape>("stop"), c.get<Shape>("strides"))};
                 }}});
}

Arrays golden_split(const Call& c) {
  if (c.args.at("indices_or_sections").is_array()) {
    return split(c.in(0), c.get<Shape>("indices_or_sections"), c.integer("axis"));
  }
  return split(c.in(0), c.integer("indices_or_sections"), c.integer("axis"));
}

Arrays golden_roll(const Call& c) {
  const auto& shift = c.args.at("shift");
  const Shape shifts = shift.is_array() ? shift.get<Shape>() : Shape{shift.get<int>()};
  return {c.flat() ? roll(c.in(0), shifts) : roll(c.in(0), shifts, c.axes())};
}

Arrays golden_pad(const Call& c) {
  const auto widths = c.get<std::vector<std::pair<int, int>>>("pad_width");
  const array value = c.inputs.size() > 1 ? c.in(1) : array(0);
  return {pad(c.in(0), widths, value, c.get<std::string>("mode"))};
}

TEST(GoldenOps, Shape) {
  const GoldenOps ops{
      {"concatenate",
       [](const Call& c) { return Arrays{concatenate(c.arrays(), c.integer("axis"))}; }},
      {"stack", [](const Call& c) { return Arrays{stack(c.arrays(), c.integer("axis"))}; }},
      {"tile", [](const Call& c) { return Arrays{tile(c.in(0), c.get<Shape>("reps"))}; }},
      {"repeat",
       [](const Call& c) {
         const int repeats = c.integer("repeats");
         if (c.flat()) return Arrays{repeat(c.in(0), repeats)};
         return Arrays{repeat(c.in(0), repeats, c.integer("axis"))};
       }},
      {"split", golden_split},
      {"transpose",
       [](const Call& c) { return Arrays{transpose(c.in(0), c.get<std::vector<int>>("axes"))}; }},
      {"swapaxes",
       [](const Call& c) {
         return Arrays{swapaxes(c.in(0), c.integer("axis1"), c.integer("axis2"))};
       }},
      {"moveaxis",
       [](const Call& c) {
         return Arrays{moveaxis(c.in(0), c.integer("source"), c.integer("destination"))};
       }},
      {"flatten",
       [](const Call& c) {
         return Arrays{flatten(c.in(0), c.integer("start_axis"), c.integer("end_axis"))};
       }},
      {"reshape",
       [](const Call& c) { return Arrays{reshape(c.in(0), c.get<mlxa::Shape>("shape"))}; }},
      {"unflatten",
       [](const Call& c) {
         return Arrays{unflatten(c.in(0), c.integer("axis"), c.get<mlxa::Shape>("shape"))};
       }},
      {"broadcast_to",
       [](const Call& c) { return Arrays{broadcast_to(c.in(0), c.get<mlxa::Shape>("shape"))}; }},
      {"expand_dims", [](const Call& c) { return Arrays{expand_dims(c.in(0), c.axes())}; }},
      {"squeeze",
       [](const Call& c) {
         return Arrays{c.flat() ? squeeze(c.in(0)) : squeeze(c.in(0), c.axes())};
       }},
      {"roll", golden_roll},
      {"pad", golden_pad}};
  check_family("shape", ops);
}

TEST(GoldenOps, Create) {
  check_family(
      "create",
      {{"arange",
        [](const Call& c) {
          return Arrays{arange(c.get<double>("start"), c.get<double>("stop"), c.get<double>("step"),
                               c.dtype())};
        }},
       {"linspace",
        [](const Call& c) {
          return Arrays{
              linspace(c.get<double>("start"), c.get<double>("stop"), c.integer("num"), c.dtype())};
        }},
       {"eye",
        [](const Call& c) {
          return Arrays{eye(c.integer("n"), c.integer("m"), c.integer("k"), c.dtype())};
        }},
       {"tri",
        [](const Call& c) {
          return Arrays{tri(c.integer("n"), c.integer("m"), c.integer("k"), c.dtype())};
        }},
       {"tril", [](const Call& c) { return Arrays{tril(c.in(0), c.integer("k"))}; }},
       {"triu", [](const Call& c) { return Arrays{triu(c.in(0), c.integer("k"))}; }},
       {"full",
        [](const Call& c) { return Arrays{full(c.get<Shape>("shape"), c.in(0), c.dtype())}; }},
       {"diag", [](const Call& c) { return Arrays{diag(c.in(0), c.integer("k"))}; }},
       {"diagonal", [](const Call& c) {
          return Arrays{
              diagonal(c.in(0), c.integer("offset"), c.integer("axis1"), c.integer("axis2"))};
        }}});
}

TEST(GoldenOps, Matmul) {
  check_family("matmul", {OP2(matmul),
                          OP2(inner),
                          OP2(outer),
                          {"addmm",
                           [](const Call& c) {
                             return Arrays{addmm(c.in(0), c.in(1), c.in(2), c.get<float>("alpha"),
                                                 c.get<float>("beta"))};
                           }},
                          {"hadamard_transform",
                           [](const Call& c) {
                             std::optional<float> scale;
                             if (c.args.contains("scale")) scale = c.get<float>("scale");
                             return Arrays{hadamard_transform(c.in(0), scale)};
                           }},
                          {"gather_mm", [](const Call& c) {
                             return Arrays{gather_mm(c.in(0), c.in(1), c.inputs[2], c.inputs[3],
                                                     c.get<bool>("sorted_indices"))};
                           }}});
}

const GoldenOps kQuantization = {
    {"quantize",
     [](const Call& c) {
       return quantize(c.in(0), c.integer("group_size"), c.integer("bits"), c.mode(),
                       c.optional(1));
     }},
    {"dequantize",
     [](const Call& c) {
       std::optional<Dtype> dtype;
       if (c.args.contains("dtype")) dtype = c.dtype();
       return Arrays{dequantize(c.in(0), c.in(1), c.optional(2), c.integer("group_size"),
                                c.integer("bits"), c.mode(), c.optional(3), dtype)};
     }},
    {"quantized_matmul",
     [](const Call& c) {
       return Arrays{quantized_matmul(c.in(0), c.in(1), c.in(2), c.optional(3),
                                      c.get<bool>("transpose"), c.integer("group_size"),
                                      c.integer("bits"), c.mode())};
     }},
    {"gather_qmm", [](const Call& c) {
       return Arrays{gather_qmm(c.in(0), c.in(1), c.in(2), c.optional(3), c.optional(4),
                                c.optional(5), c.get<bool>("transpose"), c.integer("group_size"),
                                c.integer("bits"), c.mode())};
     }}};

TEST(GoldenOps, Quantized) { check_family("quantized", kQuantization); }

TEST(GoldenOps, QuantizedFloats) { check_family("quantized_floats", kQuantization); }

Arrays golden_categorical(const Call& c) {
  const int axis = c.integer("axis");
  if (c.args.contains("num_samples")) {
    return {random::categorical(c.in(0), axis, c.integer("num_samples"), c.in(1))};
  }
  if (c.args.contains("shape")) {
    return {random::categorical(c.in(0), axis, c.get<Shape>("shape"), c.in(1))};
  }
  return {random::categorical(c.in(0), axis, c.in(1))};
}

TEST(GoldenOps, Random) {
  check_family(
      "random",
      {{"key",
        [](const Call& c) { return Arrays{random::key(std::stoull(c.get<std::string>("seed")))}; }},
       {"split", [](const Call& c) { return Arrays{random::split(c.in(0), c.integer("num"))}; }},
       {"bits",
        [](const Call& c) {
          return Arrays{random::bits(c.get<Shape>("shape"), c.integer("width"), c.in(0))};
        }},
       {"uniform",
        [](const Call& c) {
          return Arrays{random::uniform(c.get<float>("low"), c.get<float>("high"),
                                        c.get<Shape>("shape"), c.dtype(), c.in(0))};
        }},
       {"normal",
        [](const Call& c) {
          return Arrays{random::normal(c.get<Shape>("shape"), c.dtype(), c.get<float>("loc"),
                                       c.get<float>("scale"), c.in(0))};
        }},
       {"laplace",
        [](const Call& c) {
          return Arrays{random::laplace(c.get<Shape>("shape"), c.dtype(), c.get<float>("loc"),
                                        c.get<float>("scale"), c.in(0))};
        }},
       {"gumbel",
        [](const Call& c) {
          return Arrays{random::gumbel(c.get<Shape>("shape"), c.dtype(), c.in(0))};
        }},
       {"truncated_normal",
        [](const Call& c) {
          return Arrays{random::truncated_normal(array(c.get<float>("lower")),
                                                 array(c.get<float>("upper")),
                                                 c.get<Shape>("shape"), c.dtype(), c.in(0))};
        }},
       {"randint",
        [](const Call& c) {
          return Arrays{random::randint(c.integer("low"), c.integer("high"), c.get<Shape>("shape"),
                                        c.dtype(), c.in(0))};
        }},
       {"bernoulli",
        [](const Call& c) {
          return Arrays{random::bernoulli(c.in(0), c.get<Shape>("shape"), c.in(1))};
        }},
       {"categorical", golden_categorical},
       {"permutation", [](const Call& c) {
          if (c.args.contains("n")) return Arrays{random::permutation(c.integer("n"), c.in(0))};
          return Arrays{random::permutation(c.in(0), c.integer("axis"), c.in(1))};
        }}});
}

}  // namespace
}  // namespace mlxa::test
