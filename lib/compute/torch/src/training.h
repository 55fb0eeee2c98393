// One training of one network: its cases, its loss, its optimiser.
#pragma once

#include <memory>
#include <vector>

#include "gather.h"
#include "loss.h"
#include "network.h"
#include "optimizer.h"

namespace pentafold {

struct TrainingSetup {
  LossOptions loss;
  OptimizerOptions optimizer;
  double gradient_clip;
  /** Empty without a cascade. */
  std::vector<int64_t> previous_stage_labels;
};

struct StepResult {
  double loss;
  double gradient_norm;
  bool skipped;
};

struct ValidationResult {
  double loss;
  ClassCounts counts;
};

struct Gradients {
  double loss;
  /** As `Network::parameters`. */
  at::Tensor values;
  /** Whether each parameter has a gradient. */
  std::vector<bool> used;
};

class Training {
 public:
  Training(std::shared_ptr<Network> network, TrainingSetup setup, std::vector<MappedCase> cases);

  GatheredBatch gather(const BatchPlan& plan) const;
  /** Changes nothing when the loss or a gradient is not finite. */
  StepResult step(const GatheredBatch& batch, double learning_rate);
  ValidationResult validate(const GatheredBatch& batch) const;
  Gradients gradients(const GatheredBatch& batch) const;

  Optimizer& optimizer() { return optimizer_; }

 private:
  std::shared_ptr<Network> network_;
  TrainingSetup setup_;
  std::vector<MappedCase> cases_;
  /** Outputs of weight above 0; the others are not evaluated. */
  OutputMask wanted_;
  std::vector<bool> used_;
  Optimizer optimizer_;
};

}  // namespace pentafold
