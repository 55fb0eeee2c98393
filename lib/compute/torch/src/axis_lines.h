// Work along one axis of an array of three.
#pragma once

#include <ATen/Parallel.h>

#include <cstdint>

#include "patch.h"

namespace pentafold {

/** Calls `line(first voxel, step)` for every line of voxels along one axis, on the threads of this engine. */
template <class Line>
void each_line(const Box& extent, int64_t axis, const Line& line) {
  const int64_t step = axis == 2 ? 1 : axis == 1 ? extent[2] : extent[1] * extent[2];
  const int64_t lines = voxels_of(extent) / extent[axis];
  at::parallel_for(0, lines, 64, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) line(i / step * step * extent[axis] + i % step, step);
  });
}

}  // namespace pentafold
