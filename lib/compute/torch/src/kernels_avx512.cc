// `cstdint` first: nothing of the standard library may be compiled for an instruction set the machine may lack.
#include <cstdint>

#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")
#define KERNEL_TABLE kernels_avx512
#include "kernels.inc"
