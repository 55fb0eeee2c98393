// The rule of PyTorch's GradScaler; the same as in `lib/core/training/loss-scale.ts`.
#pragma once

#include <cmath>
#include <cstdint>

namespace pentafold {

struct LossScaling {
  double initial_scale;
  double growth_factor;
  double backoff_factor;
  int64_t growth_interval;
};

struct LossScale {
  float scale = 1;
  /** Good steps since the scale was last changed. */
  int64_t growth_tracker = 0;
};

/** @param skipped whether the step had a loss or gradient that is not finite */
inline LossScale loss_scale_after(const LossScaling& scaling, const LossScale& before, bool skipped) {
  if (skipped) return {static_cast<float>(before.scale * scaling.backoff_factor), 0};
  if (before.growth_tracker + 1 < scaling.growth_interval) return {before.scale, before.growth_tracker + 1};
  const float grown = static_cast<float>(before.scale * scaling.growth_factor);
  return {std::isfinite(grown) ? grown : before.scale, 0};
}

}  // namespace pentafold
