// Cross-entropy plus soft Dice, as nnU-Net trains with, and its gradient by hand. Heads are classes (softmax) or regions
// (a sigmoid each).
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace pentafold {

/** What labels mean to the heads; the fields are those of `lib/core/training/loss-options.ts`. */
struct TargetLabels {
  /** The labels of each head's region; absent: head i is label i. */
  std::optional<std::vector<std::vector<int64_t>>> regions;
  std::optional<int64_t> ignore;
};

struct LossOptions {
  TargetLabels labels;
  /** Sum intersections and sizes over the batch before the ratio. */
  bool batch_dice;
  /** Per output, highest resolution first. */
  std::vector<double> deep_supervision_weights;
};

/** Labels of a batch: (N, ...extent), C order. */
struct Target {
  std::vector<int64_t> shape;
  std::vector<int16_t> labels;
};

/** The weighted sum over the outputs of weight above 0. */
double loss(const std::vector<at::Tensor>& logits, const std::vector<Target>& targets, const LossOptions& options);

/** The same, and its gradient with respect to the logits; undefined for an output of weight 0. */
double loss_and_gradient(const std::vector<at::Tensor>& logits, const std::vector<Target>& targets,
                         const LossOptions& options, std::vector<at::Tensor>& gradients);

/**
 * Voxels per head, summed over the batch. Predicted is the highest logit, the first of equal ones; with regions, every
 * logit above 0.
 */
struct ClassCounts {
  std::vector<int64_t> true_positives, false_positives, false_negatives;
};

ClassCounts count_classes(const at::Tensor& logits, const Target& target, const TargetLabels& labels);

}  // namespace pentafold
