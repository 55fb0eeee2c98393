// The mean over blocks of voxels, on channels-last arrays.
#pragma once

#include <ATen/ATen.h>

#include "graph.h"

namespace pentafold {

/** @param stride extents of a block; they divide those of `x` */
at::Tensor average_pool(const Extents& stride, const at::Tensor& x);

at::Tensor average_pool_backward(const Extents& stride, const at::Tensor& gradient, const at::Tensor& x);

}  // namespace pentafold
