// `cstdint` first: nothing of the standard library may be compiled for an instruction set the machine may lack.
#include <cstdint>

#pragma GCC target("avx2,fma")
#define KERNEL_TABLE kernels_avx2
#include "kernels.inc"
