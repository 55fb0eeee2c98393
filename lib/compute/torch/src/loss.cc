#include "loss.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "chunks.h"
#include "layout.h"

namespace pentafold {
namespace {

// Both from nnU-Net's Dice loss; the first keeps an absent class at about 0, the second the ratio finite.
constexpr double kSmooth = 1e-5;
constexpr double kLeastDenominator = 1e-8;

/** What each label means to each head. */
class Meaning {
 public:
  Meaning(const TargetLabels& labels, int64_t heads)
      : exclusive_(!labels.regions), ignore_(labels.ignore.value_or(-1)), heads_(heads) {
    add(0);
    if (exclusive_)
      for (int64_t head = 0; head < heads; head++) add(head)[head] = 1;
    else
      for (int64_t head = 0; head < heads; head++)
        for (const int64_t label : (*labels.regions)[head]) add(label)[head] = 1;
    if (ignores()) add(ignore_);
  }

  /** Heads are classes, of which a voxel has one. */
  bool exclusive() const { return exclusive_; }
  bool ignores() const { return ignore_ >= 0; }
  bool counts(int64_t label) const { return label != ignore_; }
  /** Background has no Dice of its own where heads are classes. */
  int64_t first_dice_head() const { return exclusive_ ? 1 : 0; }

  /** Per head, 1 if the label is in it. @throws for a label that a case should not have */
  const uint8_t* of(int64_t label) const {
    if (label < 0 || label >= static_cast<int64_t>(known_.size()) || !known_[label])
      throw std::runtime_error("label " + std::to_string(label) + " means nothing to the network");
    return &in_[label * heads_];
  }

 private:
  uint8_t* add(int64_t label) {
    if (label >= static_cast<int64_t>(known_.size())) {
      known_.resize(label + 1, false);
      in_.resize((label + 1) * heads_, 0);
    }
    known_[label] = true;
    return &in_[label * heads_];
  }

  bool exclusive_;
  int64_t ignore_, heads_;
  std::vector<bool> known_;
  std::vector<uint8_t> in_;
};

/** Sums over a set of voxels that determine the loss: cross-entropy, and per head intersection and sizes. */
struct Sums {
  double cross_entropy = 0;
  double counted = 0;
  std::vector<double> intersection, predicted, annotated;

  explicit Sums(int64_t classes) : intersection(classes), predicted(classes), annotated(classes) {}

  void add(const Sums& other) {
    cross_entropy += other.cross_entropy;
    counted += other.counted;
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

/** Writes the probability of every head of one voxel; returns its binary cross-entropy, summed over them. */
inline float sigmoid(const float* logits, int64_t heads, const uint8_t* in, float* probabilities) {
  float total = 0;
  for (int64_t c = 0; c < heads; c++) {
    const float small = std::exp(-std::abs(logits[c]));
    probabilities[c] = (logits[c] >= 0 ? 1 : small) / (1 + small);
    total += std::max(logits[c], 0.0f) - (in[c] ? logits[c] : 0.0f) + std::log1p(small);
  }
  return total;
}

/** First pass: probabilities of every voxel that counts, and the sums per sample. */
std::vector<Sums> probabilities_and_sums(const at::Tensor& logits, const Target& target, const Meaning& meaning,
                                         const Chunks& chunks, float* probabilities) {
  const int64_t classes = logits.size(1);
  const float* values = logits.const_data_ptr<float>();
  std::vector<Sums> partial(chunks.samples * chunks.count, Sums(classes));
  chunks.each([&](int64_t sample, int64_t chunk, int64_t first, int64_t length) {
    Sums& sums = partial[sample * chunks.count + chunk];
    for (int64_t voxel = sample * chunks.voxels + first; voxel < sample * chunks.voxels + first + length; voxel++) {
      const int64_t label = target.labels[voxel];
      const uint8_t* in = meaning.of(label);
      if (!meaning.counts(label)) continue;
      float* p = probabilities + voxel * classes;
      const float* of_voxel = values + voxel * classes;
      sums.cross_entropy += meaning.exclusive() ? softmax(of_voxel, classes, label, p) : sigmoid(of_voxel, classes, in, p);
      sums.counted += 1;
      for (int64_t c = 0; c < classes; c++) {
        sums.predicted[c] += p[c];
        if (!in[c]) continue;
        sums.intersection[c] += p[c];
        sums.annotated[c] += 1;
      }
    }
  });
  std::vector<Sums> samples(chunks.samples, Sums(classes));
  for (size_t i = 0; i < partial.size(); i++) samples[i / chunks.count].add(partial[i]);
  return samples;
}

/** How the Dice term changes with a probability: `inside` where the head is annotated, `outside` elsewhere. */
struct DiceSlope {
  float inside = 0, outside = 0;
};

/** Minus the mean Dice over the heads from `first_head` on of every group of voxels, and its slopes per group and head. */
double dice_term(const std::vector<Sums>& groups, size_t first_head, std::vector<std::vector<DiceSlope>>& slopes) {
  const size_t classes = groups[0].predicted.size();
  const double terms = static_cast<double>(groups.size() * (classes - first_head));
  double total = 0;
  slopes.assign(groups.size(), std::vector<DiceSlope>(classes));
  for (size_t g = 0; g < groups.size(); g++) {
    for (size_t c = first_head; c < classes; c++) {
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

/** Second pass: probabilities become the gradient of weight * (cross-entropy + Dice), in place; 0 where none counts. */
void probabilities_to_gradient(const Target& target, const Meaning& meaning, const Chunks& chunks, int64_t classes,
                               double weight, double terms, const std::vector<std::vector<DiceSlope>>& slopes,
                               float* values) {
  const float per_term = static_cast<float>(1.0 / terms);
  const float factor = static_cast<float>(weight);
  chunks.each([&](int64_t sample, int64_t, int64_t first, int64_t length) {
    const std::vector<DiceSlope>& slope = slopes[slopes.size() == 1 ? 0 : sample];
    std::vector<float> of_class(classes);
    for (int64_t voxel = sample * chunks.voxels + first; voxel < sample * chunks.voxels + first + length; voxel++) {
      const int64_t label = target.labels[voxel];
      float* p = values + voxel * classes;
      if (!meaning.counts(label)) {
        std::fill_n(p, classes, 0.0f);
        continue;
      }
      const uint8_t* in = meaning.of(label);
      float mean = 0;
      for (int64_t c = 0; c < classes; c++) {
        of_class[c] = in[c] ? slope[c].inside : slope[c].outside;
        mean += of_class[c] * p[c];
      }
      for (int64_t c = 0; c < classes; c++) {
        const float cross_entropy = (p[c] - (in[c] ? 1.0f : 0.0f)) * per_term;
        const float of_logit = meaning.exclusive() ? p[c] * (of_class[c] - mean) : p[c] * (1 - p[c]) * of_class[c];
        p[c] = factor * (cross_entropy + of_logit);
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
double loss_of_output(const at::Tensor& logits, const Target& target, const LossOptions& options, double weight,
                      at::Tensor* gradient) {
  const int64_t classes = logits.size(1), voxels = voxels_of(logits);
  const Chunks chunks(logits.size(0), voxels, classes);
  const at::Tensor probabilities = empty_channels_last(logits.size(0), classes, extent_of(logits));
  float* values = probabilities.mutable_data_ptr<float>();
  const Meaning meaning(options.labels, classes);
  const std::vector<Sums> samples =
      probabilities_and_sums(to_channels_last(logits), target, meaning, chunks, values);
  const Sums whole = sum_of(samples);
  std::vector<std::vector<DiceSlope>> slopes;
  const double dice =
      dice_term(options.batch_dice ? std::vector<Sums>{whole} : samples, meaning.first_dice_head(), slopes);
  // nnU-Net divides by voxels, not by voxels times regions, where there is a label to ignore.
  const double terms = meaning.exclusive() || meaning.ignores() ? whole.counted : whole.counted * classes;
  if (gradient != nullptr) {
    probabilities_to_gradient(target, meaning, chunks, classes, weight, terms, slopes, values);
    *gradient = probabilities;
  }
  return (terms == 0 ? 0 : whole.cross_entropy / terms) + dice;
}

double weighted_loss(const std::vector<at::Tensor>& logits, const std::vector<Target>& targets,
                     const LossOptions& options, std::vector<at::Tensor>* gradients) {
  double total = 0;
  for (size_t i = 0; i < logits.size(); i++) {
    const double weight = options.deep_supervision_weights[i];
    if (weight == 0) continue;
    total += weight * loss_of_output(logits[i], targets[i], options, weight,
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

ClassCounts count_classes(const at::Tensor& logits, const Target& target, const TargetLabels& labels) {
  const int64_t classes = logits.size(1);
  const Meaning meaning(labels, classes);
  const at::Tensor ordered = to_channels_last(logits);
  const float* values = ordered.const_data_ptr<float>();
  ClassCounts counts{std::vector<int64_t>(classes), std::vector<int64_t>(classes), std::vector<int64_t>(classes)};
  for (size_t voxel = 0; voxel < target.labels.size(); voxel++) {
    const int64_t label = target.labels[voxel];
    const uint8_t* in = meaning.of(label);
    if (!meaning.counts(label)) continue;
    const float* of_voxel = values + voxel * classes;
    const int64_t highest = std::max_element(of_voxel, of_voxel + classes) - of_voxel;
    for (int64_t c = 0; c < classes; c++) {
      const bool predicted = meaning.exclusive() ? c == highest : of_voxel[c] > 0;
      if (predicted) (in[c] ? counts.true_positives : counts.false_positives)[c]++;
      else if (in[c]) counts.false_negatives[c]++;
    }
  }
  return counts;
}

}  // namespace pentafold
