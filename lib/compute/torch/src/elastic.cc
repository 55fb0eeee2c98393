#include "elastic.h"

#include <cmath>
#include <numeric>

#include "axis_lines.h"
#include "philox.h"

namespace pentafold {
namespace {

/** Normal numbers `first` to `first + count - 1` of the plan's stream, times its amplitude. */
std::vector<float> scaled_normals(const ElasticPlan& plan, int64_t first, int64_t count) {
  std::vector<float> values(count);
  const int64_t block = first / 4;
  at::parallel_for(block, (first + count + 3) / 4, 4096, [&](int64_t begin, int64_t end) {
    for (int64_t b = begin; b < end; b++) {
      const std::array<float, 4> normals = philox_normals(plan.key, b);
      for (int64_t i = 0; i < 4; i++) {
        const int64_t at = b * 4 + i - first;
        if (at >= 0 && at < count) values[at] = static_cast<float>(normals[i] * plan.amplitude);
      }
    }
  });
  return values;
}

/** Normalised samples of a Gaussian, cut at 4 sigma. */
std::vector<double> gaussian_kernel(double sigma) {
  const int64_t radius = static_cast<int64_t>(std::floor(4 * sigma + 0.5));
  std::vector<double> samples;
  for (int64_t i = -radius; i <= radius; i++) samples.push_back(std::exp(-0.5 * (i / sigma) * (i / sigma)));
  const double total = std::accumulate(samples.begin(), samples.end(), 0.0);
  for (double& sample : samples) sample /= total;
  return samples;
}

/** What lies outside counts 0. */
void smooth_axis(std::vector<float>& values, const Box& extent, int64_t axis, const std::vector<double>& kernel) {
  const int64_t length = extent[axis], radius = kernel.size() / 2;
  each_line(extent, axis, [&](int64_t first, int64_t step) {
    std::vector<double> line(length + 2 * radius), sums(length);
    for (int64_t i = 0; i < length; i++) line[radius + i] = values[first + i * step];
    for (size_t k = 0; k < kernel.size(); k++)
      for (int64_t i = 0; i < length; i++) sums[i] += kernel[k] * line[i + k];
    for (int64_t i = 0; i < length; i++) values[first + i * step] = static_cast<float>(sums[i]);
  });
}

}  // namespace

Displacement elastic_displacement(const ElasticPlan& plan, const Box& extent, int64_t axes) {
  const std::vector<double> kernel = gaussian_kernel(plan.sigma);
  const int64_t voxels = voxels_of(extent);
  Displacement displacement;
  for (int64_t along = 0; along < axes; along++) {
    std::vector<float> field = scaled_normals(plan, along * voxels, voxels);
    for (int64_t axis = 3 - axes; axis < 3; axis++) smooth_axis(field, extent, axis, kernel);
    const double mean = std::accumulate(field.begin(), field.end(), 0.0) / voxels;
    for (float& value : field) value = static_cast<float>(value - mean);
    displacement[3 - axes + along] = std::move(field);
  }
  return displacement;
}

}  // namespace pentafold
