#include "kernels.h"

#include <ATen/Version.h>

#include <string>

namespace pentafold {

const Kernels& kernels() {
  static const Kernels& chosen = []() -> const Kernels& {
    const std::string capability = at::get_cpu_capability();
    if (capability == "AVX512") return kernels_avx512;
    if (capability == "AVX2") return kernels_avx2;
    return kernels_baseline;
  }();
  return chosen;
}

}  // namespace pentafold
