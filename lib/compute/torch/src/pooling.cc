#include "pooling.h"

#include <ATen/Parallel.h>

#include <array>

#include "elements.h"
#include "layout.h"

namespace pentafold {
namespace {

/** Three axes; a 2D array has one slice. */
struct Blocks {
  int64_t samples, channels;
  std::array<int64_t, 3> extent{1, 1, 1}, stride{1, 1, 1};

  Blocks(const Extents& strides, const at::Tensor& x) : samples(x.size(0)), channels(x.size(1)) {
    const int64_t axes = x.dim() - 2;
    for (int64_t a = 0; a < axes; a++) {
      stride[3 - axes + a] = strides[a];
      extent[3 - axes + a] = x.size(2 + a) / strides[a];
    }
  }

  float share() const { return 1.0f / static_cast<float>(stride[0] * stride[1] * stride[2]); }

  /** Calls `visit(element of the pooled voxel, element of a voxel of its block)` for every voxel, block by block. */
  template <class Visit>
  void each(const Visit& visit) const {
    at::parallel_for(0, samples * extent[0] * extent[1], 4, [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; line++) {
        const int64_t y = line % extent[1], plane = line / extent[1];
        for (int64_t x = 0; x < extent[2]; x++)
          for (int64_t dz = 0; dz < stride[0]; dz++)
            for (int64_t dy = 0; dy < stride[1]; dy++)
              for (int64_t dx = 0; dx < stride[2]; dx++) {
                const int64_t row = (plane * stride[0] + dz) * extent[1] * stride[1] + y * stride[1] + dy;
                visit((line * extent[2] + x) * channels, ((row * extent[2] + x) * stride[2] + dx) * channels);
              }
      }
    });
  }
};

}  // namespace

at::Tensor average_pool(const Extents& stride, const at::Tensor& x) {
  const Blocks blocks(stride, x);
  Extents extent;
  for (size_t a = 0; a < stride.size(); a++) extent.push_back(x.size(2 + a) / stride[a]);
  // In float32 until all of a block is added up.
  const at::Tensor y = empty_channels_last(x.size(0), x.size(1), extent).zero_();
  float* means = y.mutable_data_ptr<float>();
  const float share = blocks.share();
  with_element_of(x, [&]<class Element>(Element) {
    const Element* values = elements<Element>(x);
    blocks.each([&](int64_t pooled, int64_t voxel) {
      for (int64_t c = 0; c < blocks.channels; c++) means[pooled + c] += to_float(values[voxel + c]) * share;
    });
  });
  return y.to(x.scalar_type());
}

at::Tensor average_pool_backward(const Extents& stride, const at::Tensor& gradient, const at::Tensor& x) {
  const Blocks blocks(stride, x);
  const at::Tensor spread = empty_channels_last(x.size(0), x.size(1), extent_of(x), x.scalar_type());
  const float share = blocks.share();
  with_element_of(x, [&]<class Element>(Element) {
    const Element* values = elements<Element>(gradient);
    Element* shares = mutable_elements<Element>(spread);
    blocks.each([&](int64_t pooled, int64_t voxel) {
      for (int64_t c = 0; c < blocks.channels; c++)
        shares[voxel + c] = from_float<Element>(to_float(values[pooled + c]) * share);
    });
  });
  return spread;
}

}  // namespace pentafold
