// One training of one network: its cases, its loss, its optimiser.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "gather.h"
#include "loss.h"
#include "loss_scale.h"
#include "network.h"
#include "optimizer.h"

namespace pentafold {

struct TrainingSetup {
  LossOptions loss;
  OptimizerOptions optimizer;
  double gradient_clip;
  std::optional<LossScaling> loss_scaling;
  /** Empty without a cascade. */
  std::vector<int64_t> previous_stage_labels;
};

struct StepResult {
  double loss;
  double gradient_norm;
  bool skipped;
  double loss_scale;
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
  /** @param type of activations: what the network's passes compute in */
  Training(std::shared_ptr<Network> network, TrainingSetup setup, std::vector<MappedCase> cases, at::ScalarType type);

  GatheredBatch gather(const BatchPlan& plan) const;
  /** Changes nothing when the loss or a gradient is not finite. */
  StepResult step(const GatheredBatch& batch, double learning_rate);
  ValidationResult validate(const GatheredBatch& batch) const;
  Gradients gradients(const GatheredBatch& batch) const;

  Optimizer& optimizer() { return optimizer_; }

  /** 1 without loss scaling. */
  const LossScale& loss_scale() const { return loss_scale_; }
  void set_loss_scale(const LossScale& scale) { loss_scale_ = scale; }

 private:
  std::shared_ptr<Network> network_;
  TrainingSetup setup_;
  std::vector<MappedCase> cases_;
  at::ScalarType type_;
  /** Outputs of weight above 0; the others are not evaluated. */
  OutputMask wanted_;
  std::vector<bool> used_;
  Optimizer optimizer_;
  LossScale loss_scale_;
};

}  // namespace pentafold
