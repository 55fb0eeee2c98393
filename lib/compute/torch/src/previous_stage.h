// What the stage before a cascade predicted, on its way to the network.
#pragma once

#include <vector>

#include "batch_plan.h"
#include "patch.h"

namespace pentafold {

/**
 * The patch's previous stage, changed as planned, as channels behind those of the image: one per label, 1 where it is.
 * As `withPreviousStage` of `lib/core/augmentation/previous-stage.ts`.
 */
void append_previous_stage(Patch& patch, const std::vector<int64_t>& labels, const PreviousStagePlan& plan);

}  // namespace pentafold
