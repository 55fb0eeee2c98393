// Channels-last memory, in 2 and 3 dimensions.
#pragma once

#include <ATen/ATen.h>

namespace pentafold {

inline at::MemoryFormat channels_last(int64_t spatial_axes) {
  return spatial_axes == 3 ? at::MemoryFormat::ChannelsLast3d : at::MemoryFormat::ChannelsLast;
}

/** An uninitialised (N, C, ...extent) array whose channels lie side by side, also where C is 1. */
inline at::Tensor empty_channels_last(int64_t samples, int64_t channels, at::IntArrayRef extent,
                                      at::ScalarType type = at::kFloat) {
  std::vector<int64_t> shape{samples, channels};
  shape.insert(shape.end(), extent.begin(), extent.end());
  return at::empty(shape, at::dtype(type).memory_format(channels_last(extent.size())));
}

/** The same values with channels side by side; no copy where they already are. */
inline at::Tensor to_channels_last(const at::Tensor& x) { return x.contiguous(channels_last(x.dim() - 2)); }

/** A channels-last array seen as (N * voxels, C). */
inline at::Tensor as_rows(const at::Tensor& x) { return x.movedim(1, -1).reshape({-1, x.size(1)}); }

/** Voxels of one sample. */
inline int64_t voxels_of(const at::Tensor& x) { return x.numel() / (x.size(0) * x.size(1)); }

inline at::IntArrayRef extent_of(const at::Tensor& x) { return x.sizes().slice(2); }

}  // namespace pentafold
