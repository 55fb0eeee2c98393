// Random smooth displacement of a patch's points.
#pragma once

#include <array>
#include <vector>

#include "batch_plan.h"
#include "patch.h"

namespace pentafold {

/** By axis of three, (...extent) voxels along it; empty for an axis along which nothing moves. */
using Displacement = std::array<std::vector<float>, 3>;

/**
 * What `elasticDisplacement` of `lib/core/augmentation/elastic.ts` computes, sums in the same order.
 *
 * @param axes points move along the last `axes` of three
 */
Displacement elastic_displacement(const ElasticPlan& plan, const Box& extent, int64_t axes);

}  // namespace pentafold
