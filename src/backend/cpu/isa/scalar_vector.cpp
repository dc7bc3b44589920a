#define MLXA_VECTOR_BYTES 16
#define MLXA_VECTOR_SPACE scalar_vector
#define MLXA_VECTOR_TABLE kScalarVector
#include "backend/cpu/kernels/vector_kernels.inl"
