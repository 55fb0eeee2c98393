// Convolutions on channels-last arrays, with their gradients written out. Those that are a matrix product are one.
// Input, weight, bias and gradient have one element type, which the result has too; parameters' gradients are float32.
#pragma once

#include <ATen/ATen.h>

#include "graph.h"

namespace pentafold {

/** Where the gradients of a convolution's parameters go. `bias` is undefined where it is known to be zero or absent. */
struct ConvolutionGradients {
  at::Tensor weight;
  at::Tensor bias;
};

at::Tensor convolve(const Node& node, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/** Writes the parameters' gradients; returns the input's, undefined where it is not wanted. */
at::Tensor convolve_backward(const Node& node, const at::Tensor& gradient, const at::Tensor& x,
                             const at::Tensor& weight, bool input_wanted, const ConvolutionGradients& into);

at::Tensor convolve_transposed(const Node& node, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

at::Tensor convolve_transposed_backward(const Node& node, const at::Tensor& gradient, const at::Tensor& x,
                                        const at::Tensor& weight, const ConvolutionGradients& into);

/** Channels of `parts` side by side. */
at::Tensor concatenate(const std::vector<at::Tensor>& parts);

/** The inverse: the gradient of each part, given their channels. */
std::vector<at::Tensor> split(const at::Tensor& whole, const std::vector<int64_t>& channels);

}  // namespace pentafold
