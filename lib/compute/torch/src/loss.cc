#include "loss.h"

#include <algorithm>
#include <cmath>

#include "chunks.h"
#include "layout.h"

namespace pentafold {
namespace {

// Both from nnU-Net's Dice loss; the first keeps an absent class at about 0, the second the ratio finite.
constexpr double kSmooth = 1e-5;
constexpr double kLeastDenominator = 1e-8;

/** Sums over a set of voxels that determine the loss: cross-entropy, and per class intersection and sizes. */
struct Sums {
  double cross_entropy = 0;
  std::vector<double> intersection, predicted, annotated;

  explicit Sums(int64_t classes) : intersection(classes), predicted(classes), annotated(classes) {}

  void add(const Sums& other) {
    cross_entropy += other.cross_entropy;
    for (size_t c = 0; c < intersection.size(); c++) {
      intersection[c] += other.intersection[c];
      predicted[c] += other.predicted[c];
      annotated[c] += other.annotated[c];
    }
  }
};

/** Writes the probabilities of one voxel; returns its cross-entropy. */
inline float softmax(const float* logits, int64_t classes, int64_t label, float* probabilities) {
  const float largest = *std::max_element(logits, logits + classes);
  float total = 0;
  for (int64_t c = 0; c < classes; c++) total += probabilities[c] = std::exp(logits[c] - largest);
  for (int64_t c = 0; c < classes; c++) probabilities[c] /= total;
  return std::log(total) + largest - logits[label];
}

/** First pass: probabilities of every voxel, and the sums per sample. */
std::vector<Sums> softmax_and_sum(const at::Tensor& logits, const Target& target, const Chunks& chunks,
                                  float* probabilities) {
  const int64_t classes = logits.size(1);
  const float* values = logits.const_data_ptr<float>();
  std::vector<Sums> partial(chunks.samples * chunks.count, Sums(classes));
  chunks.each([&](int64_t sample, int64_t chunk, int64_t first, int64_t length) {
    Sums& sums = partial[sample * chunks.count + chunk];
    for (int64_t voxel = sample * chunks.voxels + first; voxel < sample * chunks.voxels + first + length; voxel++) {
      const int64_t label = target.labels[voxel];
      float* p = probabilities + voxel * classes;
      sums.cross_entropy += softmax(values + voxel * classes, classes, label, p);
      for (int64_t c = 0; c < classes; c++) sums.predicted[c] += p[c];
      sums.intersection[label] += p[label];
      sums.annotated[label] += 1;
    }
  });
  std::vector<Sums> samples(chunks.samples, Sums(classes));
  for (size_t i = 0; i < partial.size(); i++) samples[i / chunks.count].add(partial[i]);
  return samples;
}

/** How the Dice term changes with a probability: `inside` where the class is annotated, `outside` elsewhere. */
struct DiceSlope {
  float inside = 0, outside = 0;
};

/** Minus the mean Dice over the foreground classes of every group of voxels, and its slopes per group and class. */
double dice_term(const std::vector<Sums>& groups, std::vector<std::vector<DiceSlope>>& slopes) {
  const size_t classes = groups[0].predicted.size();
  const double terms = static_cast<double>(groups.size() * (classes - 1));
  double total = 0;
  slopes.assign(groups.size(), std::vector<DiceSlope>(classes));
  for (size_t g = 0; g < groups.size(); g++) {
    for (size_t c = 1; c < classes; c++) {
      const double numerator = 2 * groups[g].intersection[c] + kSmooth;
      const double sizes = groups[g].annotated[c] + groups[g].predicted[c] + kSmooth;
      const double denominator = std::max(sizes, kLeastDenominator);
      total += numerator / denominator;
      const double outside = sizes > kLeastDenominator ? -numerator / (denominator * denominator) : 0;
      slopes[g][c] = {static_cast<float>(-(2 / denominator + outside) / terms), static_cast<float>(-outside / terms)};
    }
  }
  return -total / terms;
}

/** Second pass: probabilities become the gradient of weight * (cross-entropy + Dice), in place. */
void probabilities_to_gradient(const Target& target, const Chunks& chunks, int64_t classes, double weight,
                               const std::vector<std::vector<DiceSlope>>& slopes, float* values) {
  const float per_voxel = static_cast<float>(1.0 / (chunks.samples * chunks.voxels));
  const float factor = static_cast<float>(weight);
  chunks.each([&](int64_t sample, int64_t, int64_t first, int64_t length) {
    const std::vector<DiceSlope>& slope = slopes[slopes.size() == 1 ? 0 : sample];
    std::vector<float> of_class(classes);
    for (int64_t voxel = sample * chunks.voxels + first; voxel < sample * chunks.voxels + first + length; voxel++) {
      const int64_t label = target.labels[voxel];
      float* p = values + voxel * classes;
      float mean = 0;
      for (int64_t c = 0; c < classes; c++) {
        of_class[c] = c == label ? slope[c].inside : slope[c].outside;
        mean += of_class[c] * p[c];
      }
      for (int64_t c = 0; c < classes; c++) {
        const float cross_entropy = (p[c] - (c == label ? 1.0f : 0.0f)) * per_voxel;
        p[c] = factor * (cross_entropy + p[c] * (of_class[c] - mean));
      }
    }
  });
}

Sums sum_of(const std::vector<Sums>& samples) {
  Sums total(samples[0].predicted.size());
  for (const Sums& sample : samples) total.add(sample);
  return total;
}

/** Loss of one output; its gradient into `gradient` unless that is null. */
double loss_of_output(const at::Tensor& logits, const Target& target, bool batch_dice, double weight,
                      at::Tensor* gradient) {
  const int64_t classes = logits.size(1), voxels = voxels_of(logits);
  const Chunks chunks(logits.size(0), voxels, classes);
  const at::Tensor probabilities = empty_channels_last(logits.size(0), classes, extent_of(logits));
  float* values = probabilities.mutable_data_ptr<float>();
  const std::vector<Sums> samples = softmax_and_sum(to_channels_last(logits), target, chunks, values);
  const Sums whole = sum_of(samples);
  std::vector<std::vector<DiceSlope>> slopes;
  const double dice = dice_term(batch_dice ? std::vector<Sums>{whole} : samples, slopes);
  if (gradient != nullptr) {
    probabilities_to_gradient(target, chunks, classes, weight, slopes, values);
    *gradient = probabilities;
  }
  return whole.cross_entropy / (logits.size(0) * voxels) + dice;
}

double weighted_loss(const std::vector<at::Tensor>& logits, const std::vector<Target>& targets,
                     const LossOptions& options, std::vector<at::Tensor>* gradients) {
  double total = 0;
  for (size_t i = 0; i < logits.size(); i++) {
    const double weight = options.deep_supervision_weights[i];
    if (weight == 0) continue;
    total += weight * loss_of_output(logits[i], targets[i], options.batch_dice, weight,
                                     gradients == nullptr ? nullptr : &(*gradients)[i]);
  }
  return total;
}

}  // namespace

double loss(const std::vector<at::Tensor>& logits, const std::vector<Target>& targets, const LossOptions& options) {
  return weighted_loss(logits, targets, options, nullptr);
}

double loss_and_gradient(const std::vector<at::Tensor>& logits, const std::vector<Target>& targets,
                         const LossOptions& options, std::vector<at::Tensor>& gradients) {
  gradients.assign(logits.size(), {});
  return weighted_loss(logits, targets, options, &gradients);
}

ClassCounts count_classes(const at::Tensor& logits, const Target& target) {
  const int64_t classes = logits.size(1);
  const at::Tensor ordered = to_channels_last(logits);
  const float* values = ordered.const_data_ptr<float>();
  ClassCounts counts{std::vector<int64_t>(classes), std::vector<int64_t>(classes), std::vector<int64_t>(classes)};
  for (size_t voxel = 0; voxel < target.labels.size(); voxel++) {
    const float* of_voxel = values + voxel * classes;
    const int64_t predicted = std::max_element(of_voxel, of_voxel + classes) - of_voxel;
    const int64_t annotated = target.labels[voxel];
    if (predicted == annotated) {
      counts.true_positives[annotated]++;
    } else {
      counts.false_positives[predicted]++;
      counts.false_negatives[annotated]++;
    }
  }
  return counts;
}

}  // namespace pentafold
