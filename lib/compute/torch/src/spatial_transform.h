// Cutting a patch out of a case: straight, or deformed, rotated and scaled.
#pragma once

#include "batch_plan.h"
#include "mapped_case.h"
#include "patch.h"

namespace pentafold {

/** Where the initial patch lies in its case; entries of the axes that the network does not see are one slice. */
struct InitialPatch {
  Box corner;
  Box extent;
};

/** The centre of the initial patch. Outside the case: image 0, label and previous stage -1. */
void cut_centre(const MappedCase& source, const InitialPatch& initial, Patch& patch);

/**
 * Point p of the patch takes the value of the initial patch at centre + matrix * (p + its displacement): image linear, 0
 * outside; label and previous stage by linear scores of each label in float16, -1 outside, ties to the nearest voxel's
 * label and then to the lowest.
 */
void cut_transformed(const MappedCase& source, const InitialPatch& initial, const SpatialPlan& plan, Patch& patch);

}  // namespace pentafold
