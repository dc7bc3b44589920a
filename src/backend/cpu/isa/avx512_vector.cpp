#define MLXA_VECTOR_BYTES 64
#define MLXA_VECTOR_SPACE avx512_vector
#define MLXA_VECTOR_TABLE kAvx512Vector
#include "backend/cpu/kernels/vector_kernels.inl"
