#define KERNEL_TABLE kernels_baseline
#include "kernels.inc"
