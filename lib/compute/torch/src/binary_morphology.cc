#include "binary_morphology.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace pentafold {
namespace {

/** Offsets [first, second] along the last axis. */
using Interval = std::pair<int64_t, int64_t>;
/** The rows of an element, as offsets along the first two axes, by the interval of their voxels. */
using Element = std::map<Interval, std::vector<std::pair<int64_t, int64_t>>>;

/** `scikit-image`'s samples of an axis of a ball: evenly spaced from -radius to radius, at most 1 apart. */
std::vector<double> ball_points(double radius) {
  const int64_t count = static_cast<int64_t>(std::floor(2 * radius + 1));
  const double step = 2 * radius / (count - 1);
  std::vector<double> points;
  for (int64_t i = 0; i < count; i++) points.push_back(i == count - 1 ? radius : -radius + i * step);
  return points;
}

/** And of a disk: -radius, -radius + 1, and so on to past radius. */
std::vector<double> disk_points(double radius) {
  std::vector<double> points;
  for (int64_t i = 0; i < std::ceil(2 * radius + 1); i++) points.push_back(-radius + i);
  return points;
}

/** Of an even number of points the earlier of the two middle ones counts as the middle. */
Element round_element(double radius, int64_t axes) {
  const std::vector<double> points = axes == 3 ? ball_points(radius) : disk_points(radius);
  const std::vector<double> depths = axes == 3 ? points : std::vector<double>{0};
  const int64_t count = points.size(), middle = (count - 1) / 2, middle_depth = (depths.size() - 1) / 2;
  Element element;
  for (size_t z = 0; z < depths.size(); z++)
    for (int64_t y = 0; y < count; y++) {
      const double squared = depths[z] * depths[z] + points[y] * points[y];
      const auto in_element = [&](double x) { return squared + x * x <= radius * radius; };
      const auto first = std::find_if(points.begin(), points.end(), in_element);
      if (first == points.end()) continue;
      const auto past = std::find_if_not(first, points.end(), in_element);
      const Interval interval{first - points.begin() - middle, past - points.begin() - 1 - middle};
      element[interval].emplace_back(z - middle_depth, y - middle);
    }
  return element;
}

/** Runs `work(z, y)` for every row, on the threads of this engine. */
template <class Work>
void each_row(const Box& extent, const Work& work) {
  at::parallel_for(0, extent[0] * extent[1], 16, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; row++) work(row / extent[1], row % extent[1]);
  });
}

/** Each voxel set if one of those in its interval of its row is. */
Mask swept(const Mask& mask, const Box& extent, const Interval& interval) {
  Mask result(mask.size());
  each_row(extent, [&](int64_t z, int64_t y) {
    const uint8_t* from = mask.data() + (z * extent[1] + y) * extent[2];
    uint8_t* to = result.data() + (z * extent[1] + y) * extent[2];
    int64_t latest = std::numeric_limits<int64_t>::min();
    for (int64_t x = std::min<int64_t>(0, -interval.second); x < extent[2]; x++) {
      const int64_t reached = x + interval.second;
      if (reached >= 0 && reached < extent[2] && from[reached] != 0) latest = reached;
      if (x >= 0) to[x] = latest >= x + interval.first;
    }
  });
  return result;
}

/** A voxel is set if one of those that the element points at is; outside nothing is. */
Mask dilated(const Mask& mask, const Box& extent, const Element& element) {
  Mask result(mask.size());
  for (const auto& [interval, rows] : element) {
    const Mask reached = swept(mask, extent, interval);
    each_row(extent, [&](int64_t z, int64_t y) {
      uint8_t* to = result.data() + (z * extent[1] + y) * extent[2];
      for (const auto& [dz, dy] : rows) {
        if (z + dz < 0 || z + dz >= extent[0] || y + dy < 0 || y + dy >= extent[1]) continue;
        const uint8_t* from = reached.data() + ((z + dz) * extent[1] + y + dy) * extent[2];
        for (int64_t x = 0; x < extent[2]; x++) to[x] |= from[x];
      }
    });
  }
  return result;
}

Mask inverted(Mask mask) {
  for (uint8_t& value : mask) value = 1 - value;
  return mask;
}

/** Erosion is the dilation of what is not there; outside counts as there. */
Mask eroded(const Mask& mask, const Box& extent, const Element& element) {
  return inverted(dilated(inverted(mask), extent, element));
}

/** The voxels of the component that holds `seed`; they are cleared in `mask`. */
std::vector<int64_t> take_component(Mask& mask, const Box& extent, int64_t seed) {
  std::vector<int64_t> component{seed};
  mask[seed] = 0;
  for (size_t next = 0; next < component.size(); next++) {
    const int64_t x = component[next] % extent[2], y = component[next] / extent[2] % extent[1],
                  z = component[next] / extent[2] / extent[1];
    for (int64_t k = std::max<int64_t>(0, z - 1); k < std::min(extent[0], z + 2); k++)
      for (int64_t j = std::max<int64_t>(0, y - 1); j < std::min(extent[1], y + 2); j++)
        for (int64_t i = std::max<int64_t>(0, x - 1); i < std::min(extent[2], x + 2); i++) {
          const int64_t neighbour = (k * extent[1] + j) * extent[2] + i;
          if (std::exchange(mask[neighbour], 0) != 0) component.push_back(neighbour);
        }
  }
  return component;
}

}  // namespace

Mask apply_operator(BinaryOperator name, const Mask& mask, const Box& extent, int64_t axes, double radius) {
  const Element element = round_element(radius, axes);
  switch (name) {
    case BinaryOperator::kDilation:
      return dilated(mask, extent, element);
    case BinaryOperator::kErosion:
      return eroded(mask, extent, element);
    case BinaryOperator::kClosing:
      return eroded(dilated(mask, extent, element), extent, element);
    case BinaryOperator::kOpening:
      return dilated(eroded(mask, extent, element), extent, element);
  }
  return mask;
}

void remove_component(const ComponentRemovalPlan& plan, const Box& extent, Mask& mask) {
  Mask rest = mask;
  std::vector<std::vector<int64_t>> small;
  for (size_t voxel = 0; voxel < rest.size(); voxel++) {
    if (rest[voxel] == 0) continue;
    std::vector<int64_t> component = take_component(rest, extent, voxel);
    if (component.size() < plan.largest_share * mask.size()) small.push_back(std::move(component));
  }
  if (small.empty()) return;
  for (const int64_t voxel : small[static_cast<size_t>(plan.pick * small.size())]) mask[voxel] = 0;
}

}  // namespace pentafold
