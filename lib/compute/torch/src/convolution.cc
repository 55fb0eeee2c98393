#include "convolution.h"

#include <algorithm>
#include <cstring>

#include "chunks.h"
#include "elements.h"
#include "layout.h"

namespace pentafold {
namespace {

bool all_ones(const Extents& extents) {
  return std::all_of(extents.begin(), extents.end(), [](int64_t e) { return e == 1; });
}

/** One voxel in, one voxel out: a product of (voxels, in) and (in, out). */
bool is_pointwise(const Node& node) { return all_ones(node.kernel) && all_ones(node.stride); }

Extents padding_of(const Node& node) {
  Extents padding;
  for (const int64_t k : node.kernel) padding.push_back((k - 1) / 2);
  return padding;
}

/** (voxels, channels) as a channels-last array of the given extent. */
at::Tensor as_image(const at::Tensor& rows, int64_t samples, at::IntArrayRef extent) {
  const int64_t channels = rows.size(1);
  std::vector<int64_t> shape{samples};
  shape.insert(shape.end(), extent.begin(), extent.end());
  shape.push_back(channels);
  return rows.view(shape).movedim(-1, 1);
}

void sum_channels(const at::Tensor& gradient, const at::Tensor& into) {
  const int64_t channels = gradient.size(1);
  const Chunks chunks(1, gradient.size(0) * voxels_of(gradient), channels);
  std::vector<float> sums(chunks.count * channels);
  with_element_of(gradient, [&]<class Element>(Element) {
    const Element* values = elements<Element>(gradient);
    chunks.each([&](int64_t, int64_t chunk, int64_t first, int64_t length) {
      kernels_on<Element>().channel_sums(values + first * channels, length, channels, &sums[chunk * channels]);
    });
  });
  for (int64_t c = 0; c < channels; c++) {
    double total = 0;
    for (int64_t chunk = 0; chunk < chunks.count; chunk++) total += sums[chunk * channels + c];
    into.mutable_data_ptr<float>()[c] = static_cast<float>(total);
  }
}

at::Tensor convolve_pointwise(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor matrix = weight.reshape({weight.size(0), weight.size(1)}).t();
  const at::Tensor rows = bias.defined() ? at::addmm(bias, as_rows(x), matrix) : at::mm(as_rows(x), matrix);
  return as_image(rows, x.size(0), extent_of(x));
}

at::Tensor convolve_pointwise_backward(const at::Tensor& gradient, const at::Tensor& x, const at::Tensor& weight,
                                       bool input_wanted, const ConvolutionGradients& into) {
  const at::Tensor rows = as_rows(gradient);
  into.weight.view({weight.size(0), weight.size(1)}).copy_(at::mm(rows.t(), as_rows(x)));
  if (into.bias.defined()) sum_channels(gradient, into.bias);
  if (!input_wanted) return {};
  return as_image(at::mm(rows, weight.reshape({weight.size(0), weight.size(1)})), x.size(0), extent_of(x));
}

/** One output block per input voxel: (voxels, in) times (in, block * out), then each block to its place. */
struct Blocks {
  int64_t samples, channels;
  /** Three axes; a 2D image has one slice. */
  std::array<int64_t, 3> extent, stride;

  Blocks(const Node& node, const at::Tensor& x) : samples(x.size(0)), channels(node.channels), extent{1, 1, 1}, stride{1, 1, 1} {
    const int64_t axes = x.dim() - 2;
    for (int64_t a = 0; a < axes; a++) {
      extent[3 - axes + a] = x.size(2 + a);
      stride[3 - axes + a] = node.stride[a];
    }
  }

  int64_t block() const { return stride[0] * stride[1] * stride[2]; }
  int64_t voxels() const { return extent[0] * extent[1] * extent[2]; }

  /**
   * Calls `move(elements in the image, elements in the rows)` for each run of channels: the `stride[2]` voxels of a block
   * that lie side by side in both.
   */
  template <class Move>
  void each_run(const Move& move) const {
    at::parallel_for(0, samples * extent[0] * extent[1], 16, [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; line++) {
        const int64_t y = line % extent[1], z = line / extent[1] % extent[0], sample = line / (extent[1] * extent[0]);
        for (int64_t dz = 0; dz < stride[0]; dz++) {
          for (int64_t dy = 0; dy < stride[1]; dy++) {
            const int64_t image_line =
                ((sample * extent[0] + z) * stride[0] + dz) * extent[1] * stride[1] + y * stride[1] + dy;
            for (int64_t x = 0; x < extent[2]; x++) {
              move((image_line * extent[2] + x) * stride[2] * channels,
                   ((line * extent[2] + x) * block() + (dz * stride[1] + dy) * stride[2]) * channels);
            }
          }
        }
      }
    });
  }

  int64_t run() const { return stride[2] * channels; }
};

/** PyTorch's (in, out, ...stride) as (in, block * out). */
at::Tensor block_matrix(const at::Tensor& weight) { return weight.movedim(1, -1).reshape({weight.size(0), -1}); }

}  // namespace

at::Tensor convolve(const Node& node, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  if (is_pointwise(node)) return convolve_pointwise(x, weight, bias);
  const Extents ones(node.kernel.size(), 1), zeros(node.kernel.size(), 0);
  return to_channels_last(at::convolution(x, to_channels_last(weight), bias.defined() ? std::optional(bias) : std::nullopt,
                                          node.stride, padding_of(node), ones, false, zeros, 1));
}

at::Tensor convolve_backward(const Node& node, const at::Tensor& gradient, const at::Tensor& x,
                             const at::Tensor& weight, bool input_wanted, const ConvolutionGradients& into) {
  if (is_pointwise(node)) return convolve_pointwise_backward(gradient, x, weight, input_wanted, into);
  const Extents ones(node.kernel.size(), 1), zeros(node.kernel.size(), 0);
  const auto [input_gradient, weight_gradient, bias_gradient] =
      at::convolution_backward(gradient, x, to_channels_last(weight), std::nullopt, node.stride, padding_of(node), ones,
                               false, zeros, 1, {input_wanted, true, false});
  into.weight.copy_(weight_gradient);
  if (into.bias.defined()) sum_channels(gradient, into.bias);
  return input_wanted ? to_channels_last(input_gradient) : at::Tensor();
}

at::Tensor convolve_transposed(const Node& node, const at::Tensor& x, const at::Tensor& weight,
                               const at::Tensor& bias) {
  const Blocks blocks(node, x);
  const at::Tensor matrix = block_matrix(weight);
  const at::Tensor rows = bias.defined() ? at::addmm(bias.repeat({blocks.block()}), as_rows(x), matrix)
                                         : at::mm(as_rows(x), matrix);
  Extents extent;
  for (size_t a = 0; a < node.stride.size(); a++) extent.push_back(x.size(2 + a) * node.stride[a]);
  const at::Tensor y = empty_channels_last(x.size(0), node.channels, extent, x.scalar_type());
  with_element_of(x, [&]<class Element>(Element) {
    Element* image = mutable_elements<Element>(y);
    const Element* values = elements<Element>(rows);
    blocks.each_run([&, bytes = blocks.run() * sizeof(Element)](int64_t in_image, int64_t in_rows) {
      std::memcpy(image + in_image, values + in_rows, bytes);
    });
  });
  return y;
}

at::Tensor convolve_transposed_backward(const Node& node, const at::Tensor& gradient, const at::Tensor& x,
                                        const at::Tensor& weight, const ConvolutionGradients& into) {
  const Blocks blocks(node, x);
  const at::Tensor rows = at::empty({blocks.samples * blocks.voxels(), blocks.block() * blocks.channels},
                                   gradient.scalar_type());
  with_element_of(gradient, [&]<class Element>(Element) {
    Element* values = mutable_elements<Element>(rows);
    const Element* image = elements<Element>(gradient);
    blocks.each_run([&, bytes = blocks.run() * sizeof(Element)](int64_t in_image, int64_t in_rows) {
      std::memcpy(values + in_rows, image + in_image, bytes);
    });
  });
  const at::Tensor product = at::mm(as_rows(x).t(), rows);
  into.weight.movedim(1, -1).copy_(product.view(into.weight.movedim(1, -1).sizes()));
  if (into.bias.defined()) sum_channels(gradient, into.bias);
  return as_image(at::mm(rows, block_matrix(weight).t()), x.size(0), extent_of(x));
}

at::Tensor concatenate(const std::vector<at::Tensor>& parts) {
  int64_t channels = 0;
  for (const at::Tensor& part : parts) channels += part.size(1);
  const at::Tensor whole = empty_channels_last(parts[0].size(0), channels, extent_of(parts[0]), parts[0].scalar_type());
  const at::Tensor rows = as_rows(whole);
  int64_t start = 0;
  for (const at::Tensor& part : parts) {
    rows.narrow(1, start, part.size(1)).copy_(as_rows(part));
    start += part.size(1);
  }
  return whole;
}

std::vector<at::Tensor> split(const at::Tensor& whole, const std::vector<int64_t>& channels) {
  std::vector<at::Tensor> parts;
  const at::Tensor rows = as_rows(whole);
  int64_t start = 0;
  for (const int64_t count : channels) {
    const at::Tensor part = rows.narrow(1, start, count).contiguous();
    parts.push_back(as_image(part, whole.size(0), extent_of(whole)));
    start += count;
  }
  return parts;
}

}  // namespace pentafold
