#define MLXA_VECTOR_BYTES 32
#define MLXA_VECTOR_SPACE avx2_vector
#define MLXA_VECTOR_TABLE kAvx2Vector
#include "backend/cpu/kernels/vector_kernels.inl"
