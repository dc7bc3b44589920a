// The families of general ops: each list fills its rows of the table.
#pragma once

#include "backend/cpu/op_table.h"

namespace mlxa::cpu {

void add_layout_ops(CpuOpTable& table);             // reshape, contiguous, concatenate, pad, ...
void add_creation_ops(CpuOpTable& table);           // full, arange
void add_cast_ops(CpuOpTable& table);               // astype
void add_select_ops(CpuOpTable& table);             // select
void add_unary_arithmetic_ops(CpuOpTable& table);   // any dtype: abs, floor, square, ...
void add_unary_math_ops(CpuOpTable& table);         // floats: exp, sin, erf, ...
void add_binary_arithmetic_ops(CpuOpTable& table);  // add, subtract, multiply, maximum, minimum
void add_binary_division_ops(CpuOpTable& table);    // divide, floor_divide, remainder
void add_binary_math_ops(CpuOpTable& table);        // power, arctan2, logaddexp
void add_comparison_ops(CpuOpTable& table);         // equal ... greater_equal, logical and / or
void add_bitwise_ops(CpuOpTable& table);            // and, or, xor, shifts
void add_reduce_ops(CpuOpTable& table);             // sum ... any
void add_arg_reduce_ops(CpuOpTable& table);         // argmin, argmax
void add_softmax_ops(CpuOpTable& table);            // softmax, logsumexp
void add_scan_ops(CpuOpTable& table);               // cumulative sum ... logaddexp
void add_hadamard_ops(CpuOpTable& table);           // hadamard_transform
void add_sort_ops(CpuOpTable& table);               // sort, argsort
void add_indexing_ops(CpuOpTable& table);           // take, take_along_axis, put_along_axis
void add_random_ops(CpuOpTable& table);             // random bits

}  // namespace mlxa::cpu
