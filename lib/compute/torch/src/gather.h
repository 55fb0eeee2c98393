// Carries out a batch plan: reads patches of mapped cases, augments them and lays them out for the network.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "batch_plan.h"
#include "graph.h"
#include "loss.h"
#include "mapped_case.h"

namespace pentafold {

struct GatheredBatch {
  /** (N, C, ...patch), channels-last. */
  at::Tensor image;
  /** One per output, highest resolution first. */
  std::vector<Target> targets;
};

/**
 * @param output_extents spatial extent of each output of the network
 * @param previous_stage_labels each a channel behind those of the image; none if the cases have no previous stage
 */
GatheredBatch gather(const std::vector<MappedCase>& cases, const BatchPlan& plan,
                     const std::vector<Extents>& output_extents,
                     const std::vector<int64_t>& previous_stage_labels);

}  // namespace pentafold
