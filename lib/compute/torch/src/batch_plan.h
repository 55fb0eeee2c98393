// A batch as data; the fields and their meaning are those of `lib/core/training/batch-plan.ts`.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace pentafold {

struct ElasticPlan {
  double amplitude;
  double sigma;
  std::array<uint32_t, 2> key;
};

struct SpatialPlan {
  std::vector<double> matrix;
  bool dummy2d;
  std::optional<ElasticPlan> elastic;
};

struct NoisePlan {
  double sigma;
  std::array<uint32_t, 2> key;
};

struct LowResolutionPlan {
  std::vector<std::optional<double>> zoom;
  bool ignore_first_axis;
};

enum class BinaryOperator { kDilation, kErosion, kClosing, kOpening };

struct BinaryOperatorPlan {
  int64_t channel;
  BinaryOperator name;
  double radius;
};

struct ComponentRemovalPlan {
  int64_t channel;
  double pick;
  double largest_share;
};

struct PreviousStagePlan {
  std::vector<BinaryOperatorPlan> operators;
  std::vector<ComponentRemovalPlan> removals;
};

struct AugmentationPlan {
  std::optional<SpatialPlan> spatial;
  std::optional<NoisePlan> noise;
  std::optional<std::vector<std::optional<std::vector<double>>>> blur;
  std::optional<std::vector<double>> brightness;
  std::optional<std::vector<double>> contrast;
  std::optional<LowResolutionPlan> low_resolution;
  std::optional<std::vector<double>> gamma_inverted;
  std::optional<std::vector<double>> gamma;
  std::vector<int64_t> mirror_axes;
  std::vector<int64_t> masked_channels;
  std::optional<PreviousStagePlan> previous_stage;
};

struct SamplePlan {
  int64_t case_index;
  std::array<int64_t, 3> corner;
  std::optional<AugmentationPlan> augmentation;
};

struct BatchPlan {
  std::vector<int64_t> patch_size;
  std::vector<int64_t> initial_patch_size;
  std::vector<SamplePlan> samples;
};

}  // namespace pentafold
