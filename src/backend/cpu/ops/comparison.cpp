// Comparisons and logical ops: any dtype in, bool out.
#include "backend/cpu/ops/binary.h"
#include "backend/cpu/ops/families.h"

namespace mlxa::cpu {
namespace {

#define MLXA_BOOL_OP(name, expression) \
  struct name : ToBool {               \
    template <class T>                 \
    bool operator()(T x, T y) const {  \
      return expression;               \
    }                                  \
  };
MLXA_BOOL_OP(EqualOp, x == y)
MLXA_BOOL_OP(NotEqualOp, x != y)
MLXA_BOOL_OP(LessOp, x < y)
MLXA_BOOL_OP(LessEqualOp, x <= y)
MLXA_BOOL_OP(GreaterOp, x > y)
MLXA_BOOL_OP(GreaterEqualOp, x >= y)
MLXA_BOOL_OP(LogicalAndOp, (x != T{}) & (y != T{}))
MLXA_BOOL_OP(LogicalOrOp, (x != T{}) | (y != T{}))
#undef MLXA_BOOL_OP

}  // namespace

void add_comparison_ops(CpuOpTable& table) {
  table[OpKind::kEqual].eval = eval_binary<EqualOp, kElementGrain>;
  table[OpKind::kNotEqual].eval = eval_binary<NotEqualOp, kElementGrain>;
  table[OpKind::kLess].eval = eval_binary<LessOp, kElementGrain>;
  table[OpKind::kLessEqual].eval = eval_binary<LessEqualOp, kElementGrain>;
  table[OpKind::kGreater].eval = eval_binary<GreaterOp, kElementGrain>;
  table[OpKind::kGreaterEqual].eval = eval_binary<GreaterEqualOp, kElementGrain>;
  table[OpKind::kLogicalAnd].eval = eval_binary<LogicalAndOp, kElementGrain>;
  table[OpKind::kLogicalOr].eval = eval_binary<LogicalOrOp, kElementGrain>;
}

}  // namespace mlxa::cpu
