// Dilation, erosion, closing and opening with a ball or a disk, as `lib/core/augmentation/binary-morphology.ts`.
#pragma once

#include <cstdint>
#include <vector>

#include "batch_plan.h"
#include "patch.h"

namespace pentafold {

/** (...extent), C order, 0 or 1. */
using Mask = std::vector<uint8_t>;

/** @param axes 3: the element is a ball; 2: a disk in the last two axes. */
Mask apply_operator(BinaryOperator name, const Mask& mask, const Box& extent, int64_t axes, double radius);

/** A mask without one of its components (joined by faces, edges and corners), as the plan picks it. */
void remove_component(const ComponentRemovalPlan& plan, const Box& extent, Mask& mask);

}  // namespace pentafold
