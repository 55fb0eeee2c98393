// What happens to a patch's intensities and orientation once it is cut. Formulas: nnU-Net v2 with batchgeneratorsv2
// 0.3.6; each has its plain twin in `lib/core/augmentation`.
#pragma once

#include "batch_plan.h"
#include "patch.h"

namespace pentafold {

/** Every step of the plan from the noise to the masking, in order. Leaves label -1 where it was. */
void augment(Patch& patch, const AugmentationPlan& plan);

}  // namespace pentafold
