// Sliding-window logits of a whole image.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "graph.h"
#include "network.h"

namespace pentafold {

/** As `lib/core/inference/tile-plan.ts`. */
struct TilePlan {
  Extents tile_size;
  std::vector<Extents> starts;
  /** One per voxel of a tile, C order. */
  std::vector<float> weight;
  std::vector<int64_t> mirror_axes;
};

/**
 * (heads, ...spatial) float32. @param image (C, z, y, x), C order; a plan of two axes runs over every slice of axis 0.
 */
at::Tensor predict(const Network& network, const at::Tensor& image, const TilePlan& plan);

}  // namespace pentafold
