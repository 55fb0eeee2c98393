// Cross-entropy plus soft Dice on softmax probabilities, as nnU-Net trains with, and its gradient by hand.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace pentafold {

struct LossOptions {
  /** Sum intersections and sizes over the batch before the ratio. */
  bool batch_dice;
  /** Per output, highest resolution first. */
  std::vector<double> deep_supervision_weights;
};

/** Labels of a batch: (N, ...extent), C order, every one a class of the network. */
struct Target {
  std::vector<int64_t> shape;
  std::vector<int16_t> labels;
};

/** The weighted sum over the outputs of weight above 0. */
double loss(const std::vector<at::Tensor>& logits, const std::vector<Target>& targets, const LossOptions& options);

/** The same, and its gradient with respect to the logits; undefined for an output of weight 0. */
double loss_and_gradient(const std::vector<at::Tensor>& logits, const std::vector<Target>& targets,
                         const LossOptions& options, std::vector<at::Tensor>& gradients);

/** Voxels per class, background included, summed over the batch. The first of equal logits wins. */
struct ClassCounts {
  std::vector<int64_t> true_positives, false_positives, false_negatives;
};

ClassCounts count_classes(const at::Tensor& logits, const Target& target);

}  // namespace pentafold
