#include "instance_norm.h"

#include <cmath>
#include <vector>

#include "chunks.h"
#include "elements.h"
#include "layout.h"

namespace pentafold {
namespace {

/** Two sums per channel of each chunk, and their totals per sample and channel in float64. */
class PairSums {
 public:
  PairSums(const Chunks& chunks, int64_t channels)
      : chunks_(chunks), channels_(channels), sums_(chunks.samples * chunks.count * 2 * channels) {}

  float* first(int64_t sample, int64_t chunk) { return &sums_[(sample * chunks_.count + chunk) * 2 * channels_]; }
  float* second(int64_t sample, int64_t chunk) { return first(sample, chunk) + channels_; }

  std::pair<double, double> total(int64_t sample, int64_t channel) {
    double first_total = 0, second_total = 0;
    for (int64_t chunk = 0; chunk < chunks_.count; chunk++) {
      first_total += first(sample, chunk)[channel];
      second_total += second(sample, chunk)[channel];
    }
    return {first_total, second_total};
  }

 private:
  const Chunks& chunks_;
  int64_t channels_;
  std::vector<float> sums_;
};

}  // namespace

NormStatistics norm_statistics(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon) {
  const int64_t samples = x.size(0), channels = x.size(1), voxels = voxels_of(x);
  const Chunks chunks(samples, voxels, channels);
  PairSums sums(chunks, channels);
  std::vector<float> origins(samples * channels);
  // Squares are summed about the sample's first voxel: about 0, a large mean would eat the variance's digits.
  with_element_of(x, [&]<class Element>(Element) {
    const Element* values = elements<Element>(x);
    chunks.each([&](int64_t sample, int64_t chunk, int64_t first, int64_t length) {
      const Element* origin = values + sample * voxels * channels;
      kernels_on<Element>().moments(origin + first * channels, origin, length, channels, sums.first(sample, chunk),
                                    sums.second(sample, chunk));
    });
    for (int64_t i = 0; i < samples * channels; i++)
      origins[i] = to_float(values[i / channels * voxels * channels + i % channels]);
  });

  const auto make = [&] { return at::empty({samples, channels}, at::kFloat); };
  NormStatistics statistics{make(), make(), make(), make()};
  const float* weights = weight.const_data_ptr<float>();
  const float* biases = bias.const_data_ptr<float>();
  for (int64_t sample = 0; sample < samples; sample++) {
    for (int64_t c = 0; c < channels; c++) {
      const auto [sum, squares] = sums.total(sample, c);
      const int64_t at = sample * channels + c;
      const double offset = sum / voxels;
      const double mean = origins[at] + offset;
      const double variance = std::max(0.0, squares / voxels - offset * offset);
      const double reciprocal = 1 / std::sqrt(variance + epsilon);
      const double scale = weights[c] * reciprocal;
      statistics.mean.mutable_data_ptr<float>()[at] = static_cast<float>(mean);
      statistics.reciprocal_deviation.mutable_data_ptr<float>()[at] = static_cast<float>(reciprocal);
      statistics.scale.mutable_data_ptr<float>()[at] = static_cast<float>(scale);
      statistics.shift.mutable_data_ptr<float>()[at] = static_cast<float>(biases[c] - mean * scale);
    }
  }
  return statistics;
}

void norm_and_rectify(const at::Tensor& x, const NormStatistics& statistics, double slope, const at::Tensor& y) {
  const int64_t channels = x.size(1), voxels = voxels_of(x);
  with_element_of(x, [&]<class Element>(Element) {
    const Element* values = elements<Element>(x);
    Element* results = mutable_elements<Element>(y);
    Chunks(x.size(0), voxels, channels).each([&](int64_t sample, int64_t, int64_t first, int64_t length) {
      const int64_t at = (sample * voxels + first) * channels;
      kernels_on<Element>().normalize(values + at, statistics.scale.const_data_ptr<float>() + sample * channels,
                                      statistics.shift.const_data_ptr<float>() + sample * channels,
                                      static_cast<float>(slope), length, channels, results + at);
    });
  });
}

namespace {

template <class Element>
void backward_on(const at::Tensor& x, const NormStatistics& statistics, double slope, const at::Tensor& gradient,
                 const at::Tensor& weight_gradient, const at::Tensor& bias_gradient) {
  const int64_t samples = x.size(0), channels = x.size(1), voxels = voxels_of(x);
  const Chunks chunks(samples, voxels, channels);
  PairSums sums(chunks, channels);
  const Element* values = elements<Element>(x);
  Element* gradients = mutable_elements<Element>(gradient);
  const float* mean = statistics.mean.const_data_ptr<float>();
  const float* scale = statistics.scale.const_data_ptr<float>();
  const float* shift = statistics.shift.const_data_ptr<float>();
  const float* reciprocal = statistics.reciprocal_deviation.const_data_ptr<float>();
  chunks.each([&](int64_t sample, int64_t chunk, int64_t first, int64_t length) {
    const int64_t at = (sample * voxels + first) * channels, row = sample * channels;
    kernels_on<Element>().normalize_sums(values + at, gradients + at, mean + row, scale + row, shift + row,
                                         static_cast<float>(slope), length, channels, sums.first(sample, chunk),
                                         sums.second(sample, chunk));
  });

  std::vector<float> offset(samples * channels), factor(samples * channels);
  for (int64_t c = 0; c < channels; c++) {
    double weight_total = 0, bias_total = 0;
    for (int64_t sample = 0; sample < samples; sample++) {
      const int64_t at = sample * channels + c;
      const auto [sum, products] = sums.total(sample, c);
      bias_total += sum;
      weight_total += products * reciprocal[at];
      offset[at] = static_cast<float>(scale[at] * sum / voxels);
      factor[at] = static_cast<float>(scale[at] * products * reciprocal[at] * reciprocal[at] / voxels);
    }
    weight_gradient.mutable_data_ptr<float>()[c] = static_cast<float>(weight_total);
    bias_gradient.mutable_data_ptr<float>()[c] = static_cast<float>(bias_total);
  }

  chunks.each([&](int64_t sample, int64_t, int64_t first, int64_t length) {
    const int64_t at = (sample * voxels + first) * channels, row = sample * channels;
    kernels_on<Element>().normalize_backward(values + at, mean + row, scale + row, shift + row, &offset[row],
                                             &factor[row], static_cast<float>(slope), length, channels, gradients + at);
  });
}

}  // namespace

void norm_and_rectify_backward(const at::Tensor& x, const NormStatistics& statistics, double slope,
                               const at::Tensor& gradient, const at::Tensor& weight_gradient,
                               const at::Tensor& bias_gradient) {
  with_element_of(x, [&]<class Element>(Element) {
    backward_on<Element>(x, statistics, slope, gradient, weight_gradient, bias_gradient);
  });
}

}  // namespace pentafold
