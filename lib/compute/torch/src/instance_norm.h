// Instance norm with the leaky ReLU behind it: one pass for the statistics and one to apply, forward and backward.
// Activations and their gradients may be bfloat16 or float16; statistics, parameters and their gradients are float32.
#pragma once

#include <ATen/ATen.h>

namespace pentafold {

/** What the backward pass needs of a forward one, (N, C) each. */
struct NormStatistics {
  at::Tensor mean;
  at::Tensor reciprocal_deviation;
  /** The norm as one multiplication and one addition. */
  at::Tensor scale;
  at::Tensor shift;
};

/** Statistics per sample and channel over space, population variance. */
NormStatistics norm_statistics(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon);

/** leaky_relu(norm(x)) into `y`, which may be `x`. A slope of 1 is a norm with no rectifier behind it. */
void norm_and_rectify(const at::Tensor& x, const NormStatistics& statistics, double slope, const at::Tensor& y);

/** Turns the gradient behind the rectifier into the one before the norm, in place, and writes those of the parameters. */
void norm_and_rectify_backward(const at::Tensor& x, const NormStatistics& statistics, double slope,
                               const at::Tensor& gradient, const at::Tensor& weight_gradient,
                               const at::Tensor& bias_gradient);

}  // namespace pentafold
