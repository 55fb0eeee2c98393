#include "training.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "layout.h"

namespace pentafold {
namespace {

// PyTorch's clip_grad_norm_ divides by the norm plus this.
constexpr double kNormMargin = 1e-6;

OutputMask outputs_with_weight(const LossOptions& options) {
  OutputMask wanted;
  for (const double weight : options.deep_supervision_weights) wanted.push_back(weight != 0);
  return wanted;
}

}  // namespace

Training::Training(std::shared_ptr<Network> network, TrainingSetup setup, std::vector<MappedCase> cases,
                   at::ScalarType type)
    : network_(std::move(network)),
      setup_(std::move(setup)),
      cases_(std::move(cases)),
      type_(type),
      wanted_(outputs_with_weight(setup_.loss)),
      used_(network_->used_parameters(wanted_)),
      optimizer_(setup_.optimizer, network_->parameters().numel()) {
  if (setup_.loss_scaling) loss_scale_.scale = static_cast<float>(setup_.loss_scaling->initial_scale);
}

GatheredBatch Training::gather(const BatchPlan& plan) const {
  return pentafold::gather(cases_, plan, network_->output_extents(plan.patch_size), setup_.previous_stage_labels);
}

Gradients Training::gradients(const GatheredBatch& batch) const {
  Activations activations;
  std::vector<at::Tensor> logits = network_->forward(batch.image.to(type_), wanted_, activations);
  std::vector<at::Tensor> output_gradients;
  Gradients result{0, at::empty_like(network_->parameters()), used_};
  result.loss = loss_and_gradient(logits, batch.targets, setup_.loss, output_gradients);
  logits.clear();
  for (const at::Tensor& gradient : output_gradients)
    if (setup_.loss_scaling && gradient.defined()) gradient.mul_(loss_scale_.scale);
  network_->backward(activations, std::move(output_gradients), result.values);
  if (setup_.loss_scaling) result.values.mul_(1 / loss_scale_.scale);
  return result;
}

StepResult Training::step(const GatheredBatch& batch, double learning_rate) {
  const Gradients found = gradients(batch);
  const double norm = l2_norm(found.values);
  const StepResult result{found.loss, norm, !std::isfinite(found.loss) || !std::isfinite(norm), loss_scale_.scale};
  if (setup_.loss_scaling) loss_scale_ = loss_scale_after(*setup_.loss_scaling, loss_scale_, result.skipped);
  if (result.skipped) return result;
  const double clip = std::min(1.0, setup_.gradient_clip / (norm + kNormMargin));
  optimizer_.update(*network_, found.values, used_, clip, learning_rate);
  return result;
}

ValidationResult Training::validate(const GatheredBatch& batch) const {
  const std::vector<at::Tensor> logits = network_->predict(batch.image.to(type_), wanted_);
  return {loss(logits, batch.targets, setup_.loss), count_classes(logits[0], batch.targets[0], setup_.loss.labels)};
}

}  // namespace pentafold
