#include "augmentation.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "axis_lines.h"
#include "philox.h"

namespace pentafold {
namespace {

// From batchgeneratorsv2's gamma transform: keeps flat channels finite.
constexpr double kLeastRange = 1e-7;

struct Statistics {
  double mean;
  /** With n - 1. */
  double deviation;
  float least;
  float largest;
};

Statistics statistics_of(const float* values, int64_t count) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) sum += values[i];
  const double mean = sum / count;
  double squares = 0;
  for (int64_t i = 0; i < count; i++) squares += (values[i] - mean) * (values[i] - mean);
  const auto [least, largest] = std::minmax_element(values, values + count);
  return {mean, std::sqrt(squares / (count - 1)), *least, *largest};
}

void add_noise(Patch& patch, const NoisePlan& plan) {
  const int64_t count = patch.image.size();
  const float sigma = static_cast<float>(plan.sigma);
  at::parallel_for(0, (count + 3) / 4, 4096, [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; block++) {
      const std::array<float, 4> normals = philox_normals(plan.key, block);
      for (int64_t i = 0; i < 4 && block * 4 + i < count; i++) patch.image[block * 4 + i] += sigma * normals[i];
    }
  });
}

/** Normalised samples of a Gaussian; the length is the odd integer nearest to 6 sigma + 0.5. */
std::vector<float> gaussian_kernel(double sigma) {
  const int64_t length = 2 * static_cast<int64_t>(std::floor((6 * sigma + 0.5) / 2)) + 1;
  std::vector<double> samples;
  double total = 0;
  for (int64_t i = 0; i < length; i++) {
    const double x = (i - length / 2) / sigma;
    samples.push_back(std::exp(-0.5 * x * x));
    total += samples.back();
  }
  std::vector<float> kernel;
  for (const double sample : samples) kernel.push_back(static_cast<float>(sample / total));
  return kernel;
}

/** Mirrors a position about the first and last voxel; extents of one voxel have nothing to mirror. */
int64_t reflect(int64_t i, int64_t extent) {
  if (extent == 1) return 0;
  const int64_t period = 2 * (extent - 1);
  i = std::abs(i) % period;
  return i < extent ? i : period - i;
}

void blur_axis(float* values, const Box& extent, int64_t axis, double sigma) {
  const std::vector<float> kernel = gaussian_kernel(sigma);
  const int64_t reach = kernel.size() / 2, length = extent[axis];
  each_line(extent, axis, [&](int64_t first, int64_t step) {
    std::vector<float> line(length + 2 * reach);
    for (int64_t i = -reach; i < length + reach; i++) line[i + reach] = values[first + reflect(i, length) * step];
    for (int64_t i = 0; i < length; i++) {
      float total = 0;
      for (size_t k = 0; k < kernel.size(); k++) total += kernel[k] * line[i + k];
      values[first + i * step] = total;
    }
  });
}

void blur(Patch& patch, const std::vector<std::optional<std::vector<double>>>& sigmas) {
  for (int64_t c = 0; c < patch.channels; c++) {
    if (!sigmas[c]) continue;
    for (int64_t seen = 0; seen < patch.axes; seen++)
      blur_axis(patch.channel(c), patch.extent, patch.axis(seen), (*sigmas[c])[seen]);
  }
}

void brighten(Patch& patch, const std::vector<double>& factors) {
  for (int64_t c = 0; c < patch.channels; c++) {
    float* values = patch.channel(c);
    const float factor = static_cast<float>(factors[c]);
    for (int64_t i = 0; i < patch.voxels(); i++) values[i] *= factor;
  }
}

void change_contrast(Patch& patch, const std::vector<double>& factors) {
  for (int64_t c = 0; c < patch.channels; c++) {
    float* values = patch.channel(c);
    const Statistics before = statistics_of(values, patch.voxels());
    const float mean = static_cast<float>(before.mean), factor = static_cast<float>(factors[c]);
    for (int64_t i = 0; i < patch.voxels(); i++)
      values[i] = std::clamp((values[i] - mean) * factor + mean, before.least, before.largest);
  }
}

/** The two coarse voxels, and the share of the second, that make a fine voxel (half-pixel centres, edges repeated). */
struct Between {
  int64_t low, high;
  float share;

  Between(int64_t fine, int64_t fine_extent, int64_t coarse_extent) {
    const double ratio = static_cast<double>(coarse_extent) / fine_extent;
    const double at = std::max(0.0, (fine + 0.5) * ratio - 0.5);
    low = std::min(static_cast<int64_t>(at), coarse_extent - 1);
    high = std::min(low + 1, coarse_extent - 1);
    share = static_cast<float>(at - low);
  }
};

/** Takes every voxel's nearest coarse one (nearest-exact) and interpolates back, along one axis. */
void coarsen_axis(float* values, const Box& extent, int64_t axis, int64_t coarse) {
  const int64_t length = extent[axis];
  std::vector<int64_t> nearest;
  for (int64_t i = 0; i < coarse; i++)
    nearest.push_back(std::min(static_cast<int64_t>((i + 0.5) * length / coarse), length - 1));
  std::vector<Between> back;
  for (int64_t i = 0; i < length; i++) back.emplace_back(i, length, coarse);
  each_line(extent, axis, [&](int64_t first, int64_t step) {
    std::vector<float> line(coarse);
    for (int64_t i = 0; i < coarse; i++) line[i] = values[first + nearest[i] * step];
    for (int64_t i = 0; i < length; i++) {
      const Between& b = back[i];
      values[first + i * step] = line[b.low] * (1 - b.share) + line[b.high] * b.share;
    }
  });
}

/** Nearest down and linear up act on each axis by itself, so axis by axis is the same as all at once. */
void lower_resolution(Patch& patch, const LowResolutionPlan& plan) {
  for (int64_t c = 0; c < patch.channels; c++) {
    if (!plan.zoom[c]) continue;
    for (int64_t seen = plan.ignore_first_axis ? 1 : 0; seen < patch.axes; seen++) {
      const int64_t axis = patch.axis(seen);
      const int64_t coarse = std::max<int64_t>(1, std::llrint(patch.extent[axis] * *plan.zoom[c]));
      coarsen_axis(patch.channel(c), patch.extent, axis, coarse);
    }
  }
}

void apply_gamma(float* values, int64_t count, double gamma) {
  const Statistics before = statistics_of(values, count);
  const float range = before.largest - before.least;
  const float divisor = std::max(range, static_cast<float>(kLeastRange));
  const float exponent = static_cast<float>(gamma);
  at::parallel_for(0, count, 16384, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++)
      values[i] = std::pow((values[i] - before.least) / divisor, exponent) * range + before.least;
  });
  const Statistics after = statistics_of(values, count);
  const double scale = before.deviation / std::max(after.deviation, kLeastRange);
  for (int64_t i = 0; i < count; i++)
    values[i] = static_cast<float>((values[i] - after.mean) * scale + before.mean);
}

void change_gamma(Patch& patch, const std::vector<double>& gammas, bool inverted) {
  for (int64_t c = 0; c < patch.channels; c++) {
    float* values = patch.channel(c);
    const auto negate = [&] { std::transform(values, values + patch.voxels(), values, std::negate<>()); };
    if (inverted) negate();
    apply_gamma(values, patch.voxels(), gammas[c]);
    if (inverted) negate();
  }
}

template <class Value>
void flip(Value* values, const Box& extent, int64_t axis) {
  each_line(extent, axis, [&](int64_t first, int64_t step) {
    for (int64_t i = 0, j = extent[axis] - 1; i < j; i++, j--)
      std::swap(values[first + i * step], values[first + j * step]);
  });
}

void mirror(Patch& patch, const std::vector<int64_t>& axes) {
  for (const int64_t seen : axes) {
    for (int64_t c = 0; c < patch.channels; c++) flip(patch.channel(c), patch.extent, patch.axis(seen));
    flip(patch.label.data(), patch.extent, patch.axis(seen));
    if (!patch.previous_stage.empty()) flip(patch.previous_stage.data(), patch.extent, patch.axis(seen));
  }
}

void mask(Patch& patch, const std::vector<int64_t>& channels) {
  for (const int64_t c : channels)
    for (int64_t i = 0; i < patch.voxels(); i++)
      if (patch.label[i] < 0) patch.channel(c)[i] = 0;
}

}  // namespace

void augment(Patch& patch, const AugmentationPlan& plan) {
  if (plan.noise) add_noise(patch, *plan.noise);
  if (plan.blur) blur(patch, *plan.blur);
  if (plan.brightness) brighten(patch, *plan.brightness);
  if (plan.contrast) change_contrast(patch, *plan.contrast);
  if (plan.low_resolution) lower_resolution(patch, *plan.low_resolution);
  if (plan.gamma_inverted) change_gamma(patch, *plan.gamma_inverted, true);
  if (plan.gamma) change_gamma(patch, *plan.gamma, false);
  mirror(patch, plan.mirror_axes);
  mask(patch, plan.masked_channels);
}

}  // namespace pentafold
