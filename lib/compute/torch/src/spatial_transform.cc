#include "spatial_transform.h"

#include <ATen/Parallel.h>
#include <c10/util/Half.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "elastic.h"

namespace pentafold {
namespace {

using Point = std::array<double, 3>;
using Matrix = std::array<Point, 3>;

int64_t flat(const Box& extent, int64_t z, int64_t y, int64_t x) { return (z * extent[1] + y) * extent[2] + x; }

bool inside(const Box& extent, int64_t z, int64_t y, int64_t x) {
  return z >= 0 && y >= 0 && x >= 0 && z < extent[0] && y < extent[1] && x < extent[2];
}

/** The plan's matrix on three axes; axes it does not name stay as they are. */
Matrix on_three_axes(const SpatialPlan& plan, int64_t patch_axes) {
  const int64_t d = plan.dummy2d ? 2 : patch_axes;
  Matrix matrix{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  for (int64_t i = 0; i < d; i++)
    for (int64_t j = 0; j < d; j++) matrix[3 - d + i][3 - d + j] = plan.matrix[i * d + j];
  return matrix;
}

/** Where the patch's point (0, 0, 0) falls in the initial patch, and the centre crop for axes that are only cropped. */
Point first_point(const InitialPatch& initial, const Patch& patch, const SpatialPlan& plan, const Matrix& matrix) {
  Point start;
  for (int i = 0; i < 3; i++) {
    start[i] = (initial.extent[i] - 1) / 2.0;
    for (int j = 0; j < 3; j++) start[i] -= matrix[i][j] * (patch.extent[j] - 1) / 2.0;
  }
  if (plan.dummy2d) start[0] = static_cast<double>(initial.extent[0] / 2 - patch.extent[0] / 2);
  return start;
}

/** By `dummy2d` every slice moves the same. */
Displacement displacement_of(const SpatialPlan& plan, const Patch& patch) {
  if (!plan.elastic) return {};
  if (plan.dummy2d) return elastic_displacement(*plan.elastic, {1, patch.extent[1], patch.extent[2]}, 2);
  return elastic_displacement(*plan.elastic, patch.extent, patch.axes);
}

/** The eight voxels about a point of the initial patch: where they lie in the case, and their linear weights. */
struct Corners {
  std::array<float, 8> weight;
  /** Position in the case, or -1 outside it or outside the initial patch. */
  std::array<int64_t, 8> at;
  /** The corner that is the nearest voxel, halves to even. */
  int nearest;

  Corners(const MappedCase& source, const InitialPatch& initial, const Point& point) {
    Box low;
    std::array<float, 3> above;
    for (int axis = 0; axis < 3; axis++) {
      const double floor = std::floor(point[axis]);
      low[axis] = static_cast<int64_t>(floor);
      above[axis] = static_cast<float>(point[axis] - floor);
    }
    nearest = 0;
    for (int axis = 0; axis < 3; axis++)
      nearest = nearest * 2 + (static_cast<int64_t>(std::nearbyint(point[axis])) > low[axis] ? 1 : 0);
    for (int corner = 0; corner < 8; corner++) {
      const Box up{corner >> 2 & 1, corner >> 1 & 1, corner & 1};
      const Box in_patch{low[0] + up[0], low[1] + up[1], low[2] + up[2]};
      float product = 1;
      Box in_case;
      for (int axis = 0; axis < 3; axis++) {
        product *= up[axis] ? above[axis] : 1 - above[axis];
        in_case[axis] = in_patch[axis] + initial.corner[axis];
      }
      const bool known = inside(initial.extent, in_patch[0], in_patch[1], in_patch[2]) &&
                         inside(source.shape(), in_case[0], in_case[1], in_case[2]);
      weight[corner] = product;
      at[corner] = known ? flat(source.shape(), in_case[0], in_case[1], in_case[2]) : -1;
    }
  }

  float image(const float* channel) const {
    float value = 0;
    for (int corner = 0; corner < 8; corner++)
      if (at[corner] >= 0) value += weight[corner] * channel[at[corner]];
    return value;
  }

  int16_t label(const int16_t* labels) const {
    std::array<int16_t, 8> of_corner;
    // A corner without weight (2D has four) must not make a tie of an agreement.
    for (int corner = 0; corner < 8; corner++) {
      const int64_t from = weight[corner] == 0 ? at[nearest] : at[corner];
      of_corner[corner] = from < 0 ? int16_t{-1} : labels[from];
    }
    if (std::all_of(of_corner.begin(), of_corner.end(), [&](int16_t l) { return l == of_corner[0]; })) return of_corner[0];
    return winner(of_corner);
  }

 private:
  float score(const std::array<int16_t, 8>& of_corner, int16_t label) const {
    float total = 0;
    for (int corner = 0; corner < 8; corner++)
      if (of_corner[corner] == label) total += weight[corner] * 1000.0f;
    return static_cast<float>(c10::Half(total));
  }

  int16_t winner(const std::array<int16_t, 8>& of_corner) const {
    int16_t best = of_corner[0];
    float best_score = -1;
    for (const int16_t label : of_corner) {
      const float its_score = score(of_corner, label);
      if (its_score > best_score || (its_score == best_score && label < best)) {
        best = label;
        best_score = its_score;
      }
    }
    return score(of_corner, of_corner[nearest]) == best_score ? of_corner[nearest] : best;
  }
};

}  // namespace

void cut_centre(const MappedCase& source, const InitialPatch& initial, Patch& patch) {
  const Box& shape = source.shape();
  Box start;
  for (int axis = 0; axis < 3; axis++)
    start[axis] = initial.corner[axis] + initial.extent[axis] / 2 - patch.extent[axis] / 2;
  std::fill(patch.image.begin(), patch.image.end(), 0.0f);
  std::fill(patch.label.begin(), patch.label.end(), int16_t{-1});
  std::fill(patch.previous_stage.begin(), patch.previous_stage.end(), int16_t{-1});
  const int64_t first = std::max<int64_t>(0, -start[2]);
  const int64_t length = std::min(patch.extent[2], shape[2] - start[2]) - first;
  if (length <= 0) return;
  for (int64_t z = 0; z < patch.extent[0]; z++) {
    for (int64_t y = 0; y < patch.extent[1]; y++) {
      if (!inside(shape, start[0] + z, start[1] + y, start[2] + first)) continue;
      const int64_t from = flat(shape, start[0] + z, start[1] + y, start[2] + first);
      const int64_t to = flat(patch.extent, z, y, first);
      for (int64_t c = 0; c < patch.channels; c++)
        std::copy_n(source.channel(c) + from, length, patch.channel(c) + to);
      std::copy_n(source.label() + from, length, patch.label.data() + to);
      if (source.has_previous_stage())
        std::copy_n(source.previous_stage() + from, length, patch.previous_stage.data() + to);
    }
  }
}

void cut_transformed(const MappedCase& source, const InitialPatch& initial, const SpatialPlan& plan, Patch& patch) {
  const Matrix matrix = on_three_axes(plan, patch.axes);
  const Point start = first_point(initial, patch, plan, matrix);
  const Displacement displacement = displacement_of(plan, patch);
  const Box& extent = patch.extent;
  at::parallel_for(0, extent[0] * extent[1], 16, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; line++) {
      const double z = static_cast<double>(line / extent[1]), y = static_cast<double>(line % extent[1]);
      for (int64_t x = 0; x < extent[2]; x++) {
        const int64_t to = line * extent[2] + x;
        Point from{z, y, static_cast<double>(x)};
        for (int i = 0; i < 3; i++)
          if (!displacement[i].empty()) from[i] += displacement[i][to % displacement[i].size()];
        Point point;
        for (int i = 0; i < 3; i++)
          point[i] = start[i] + matrix[i][0] * from[0] + matrix[i][1] * from[1] + matrix[i][2] * from[2];
        const Corners corners(source, initial, point);
        for (int64_t c = 0; c < patch.channels; c++) patch.channel(c)[to] = corners.image(source.channel(c));
        patch.label[to] = corners.label(source.label());
        if (source.has_previous_stage()) patch.previous_stage[to] = corners.label(source.previous_stage());
      }
    }
  });
}

}  // namespace pentafold
