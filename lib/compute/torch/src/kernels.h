// The loops over voxels that decide the speed of a step, compiled once per instruction set from `kernels.inc`.
//
// All arrays are channels-last: `voxels` rows of `channels` elements. Calls work on one chunk; who calls splits the work
// into chunks that do not depend on the number of threads, and adds partial sums up in a fixed order. Elements are read
// into float32 and rounded to the nearest when written, ties to even; everything between is float32.
#pragma once

#include <cstdint>

namespace pentafold {

/** What AdamW needs besides the arrays. */
struct AdamFactors {
  float keep;  // 1 - rate * decay
  float beta2;
  // 1 - beta, rounded once: 1 - 0.999f is wrong in the fifth digit.
  float new_share1;
  float new_share2;
  float epsilon;
  float step_size;     // rate / (1 - beta1^t)
  float root_correction;  // sqrt(1 - beta2^t)
};

/** The upper half of a float, as libtorch stores it. Not c10's: a kernel file that included it would compile its inline
 * functions for one instruction set. */
struct BFloat16 {
  uint16_t bits;
};

/** IEEE's half: 5 bits of exponent, 10 of fraction. */
struct Float16 {
  uint16_t bits;
};

/** Loops over activations and their gradients. */
template <class Element>
struct ActivationKernels {
  /** Per channel: sums of x - origin and of its square. */
  void (*moments)(const Element* x, const Element* origin, int64_t voxels, int64_t channels, float* sum, float* square_sum);

  /** y = leaky_relu(x * scale + shift); may be in place. Slope 1 leaves the norm alone. */
  void (*normalize)(const Element* x, const float* scale, const float* shift, float slope, int64_t voxels,
                    int64_t channels, Element* y);

  /** With g = gradient behind the rectifier: per channel, sums of g and of g * (x - mean). */
  void (*normalize_sums)(const Element* x, const Element* gradient, const float* mean, const float* scale,
                         const float* shift, float slope, int64_t voxels, int64_t channels, float* sum,
                         float* product_sum);

  /** gradient <- scale * g - offset - (x - mean) * factor, in place. */
  void (*normalize_backward)(const Element* x, const float* mean, const float* scale, const float* shift,
                             const float* offset, const float* factor, float slope, int64_t voxels, int64_t channels,
                             Element* gradient);

  /** Per channel sum of x. */
  void (*channel_sums)(const Element* x, int64_t voxels, int64_t channels, float* sum);
};

struct Kernels {
  ActivationKernels<float> on_float;
  ActivationKernels<BFloat16> on_bfloat16;
  ActivationKernels<Float16> on_float16;

  /** Sum of squares of a flat array. */
  float (*square_sum)(const float* x, int64_t count);

  /** PyTorch's SGD with Nesterov momentum; `clip` scales the gradient first. */
  void (*sgd)(float* weight, float* momentum, const float* gradient, int64_t count, float clip, float rate, float decay,
              float mu);

  /** PyTorch's AdamW; `clip` scales the gradient first. */
  void (*adamw)(float* weight, float* first, float* second, const float* gradient, int64_t count, float clip,
                const AdamFactors& factors);
};

/**
 * The kernels for the instruction set that libtorch itself uses here. ATEN_CPU_CAPABILITY=avx2 or =default, which
 * libtorch reads when it computes for the first time, lowers both; nothing checks that the processor has what it names.
 */
const Kernels& kernels();

extern const Kernels kernels_avx512;
extern const Kernels kernels_avx2;
extern const Kernels kernels_baseline;

}  // namespace pentafold
