#include "previous_stage.h"

#include <algorithm>

#include "binary_morphology.h"

namespace pentafold {
namespace {

Mask mask_of(const std::vector<int16_t>& map, int64_t label) {
  Mask mask(map.size());
  std::transform(map.begin(), map.end(), mask.begin(), [&](int16_t value) { return value == label; });
  return mask;
}

/** What a channel gains is taken from all others. */
void operate(std::vector<Mask>& channels, const Patch& patch, const BinaryOperatorPlan& plan) {
  const Mask before = std::move(channels[plan.channel]);
  Mask after = apply_operator(plan.name, before, patch.extent, patch.axes, plan.radius);
  for (int64_t c = 0; c < static_cast<int64_t>(channels.size()); c++) {
    if (c == plan.channel) continue;
    for (size_t i = 0; i < after.size(); i++)
      if (after[i] != 0 && before[i] == 0) channels[c][i] = 0;
  }
  channels[plan.channel] = std::move(after);
}

}  // namespace

void append_previous_stage(Patch& patch, const std::vector<int64_t>& labels, const PreviousStagePlan& plan) {
  std::vector<Mask> channels;
  for (const int64_t label : labels) channels.push_back(mask_of(patch.previous_stage, label));
  for (const BinaryOperatorPlan& one : plan.operators) operate(channels, patch, one);
  for (const ComponentRemovalPlan& one : plan.removals) remove_component(one, patch.extent, channels[one.channel]);
  for (const Mask& channel : channels) patch.image.insert(patch.image.end(), channel.begin(), channel.end());
  patch.channels += channels.size();
  patch.previous_stage.clear();
}

}  // namespace pentafold
