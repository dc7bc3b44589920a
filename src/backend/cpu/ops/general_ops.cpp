#include "backend/cpu/ops/families.h"

namespace mlxa::cpu {

void add_general_ops(CpuOpTable& table) {
  add_layout_ops(table);
  add_creation_ops(table);
  add_cast_ops(table);
  add_select_ops(table);
  add_unary_arithmetic_ops(table);
  add_unary_math_ops(table);
  add_binary_arithmetic_ops(table);
  add_binary_division_ops(table);
  add_binary_math_ops(table);
  add_comparison_ops(table);
  add_bitwise_ops(table);
  add_reduce_ops(table);
  add_arg_reduce_ops(table);
  add_softmax_ops(table);
  add_scan_ops(table);
  add_hadamard_ops(table);
  add_sort_ops(table);
  add_indexing_ops(table);
  add_random_ops(table);
}

}  // namespace mlxa::cpu
