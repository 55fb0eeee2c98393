// Clipping and the update of all parameters, over flat memory.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "network.h"

namespace pentafold {

struct OptimizerOptions {
  enum class Kind { kSgd, kAdamW } kind;
  double momentum = 0;
  double beta1 = 0;
  double beta2 = 0;
  double epsilon = 0;
  double weight_decay = 0;
};

/** L2 norm of a flat array. */
double l2_norm(const at::Tensor& flat);

class Optimizer {
 public:
  Optimizer(OptimizerOptions options, int64_t parameter_count);

  /** Scales the gradients by `clip` and updates the parameters of `network` that are `used`. */
  void update(const Network& network, const at::Tensor& gradients, const std::vector<bool>& used, double clip,
              double learning_rate);

  /** SGD: momentum, one value per parameter. AdamW: first moments, then second moments. */
  const at::Tensor& moments() const { return moments_; }

  /** Updates so far. */
  int64_t steps() const { return steps_; }
  void set_steps(int64_t steps) { steps_ = steps; }

 private:
  OptimizerOptions options_;
  at::Tensor moments_;
  int64_t steps_ = 0;
};

}  // namespace pentafold
