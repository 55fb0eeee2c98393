#include "gather.h"

#include <algorithm>

#include "augmentation.h"
#include "layout.h"
#include "patch.h"
#include "previous_stage.h"
#include "spatial_transform.h"

namespace pentafold {
namespace {

/** Extents on three axes; a 2D patch is one slice. */
Box as_box(const Extents& extents) {
  Box box{1, 1, 1};
  std::copy(extents.begin(), extents.end(), box.end() - extents.size());
  return box;
}

Patch cut(const MappedCase& source, const BatchPlan& plan, const SamplePlan& sample) {
  Patch patch(plan.patch_size.size(), as_box(plan.patch_size), source.channels(), source.has_previous_stage());
  const InitialPatch initial{sample.corner, as_box(plan.initial_patch_size)};
  if (sample.augmentation && sample.augmentation->spatial)
    cut_transformed(source, initial, *sample.augmentation->spatial, patch);
  else
    cut_centre(source, initial, patch);
  return patch;
}

/** Where none is planned, nothing changes. */
PreviousStagePlan previous_stage_plan(const SamplePlan& sample) {
  return sample.augmentation ? sample.augmentation->previous_stage.value_or(PreviousStagePlan{}) : PreviousStagePlan{};
}

void write_image(const Patch& patch, float* into) {
  for (int64_t voxel = 0; voxel < patch.voxels(); voxel++)
    for (int64_t c = 0; c < patch.channels; c++)
      into[voxel * patch.channels + c] = patch.image[c * patch.voxels() + voxel];
}

/** Takes each voxel of a smaller grid from the one that its centre falls into (nearest-exact). */
void write_target(const Patch& patch, const Box& extent, int16_t* into) {
  std::array<std::vector<int64_t>, 3> from;
  for (int axis = 0; axis < 3; axis++)
    for (int64_t i = 0; i < extent[axis]; i++)
      from[axis].push_back(static_cast<int64_t>((i + 0.5) * patch.extent[axis] / extent[axis]));
  for (const int64_t z : from[0])
    for (const int64_t y : from[1])
      for (const int64_t x : from[2]) *into++ = patch.label[(z * patch.extent[1] + y) * patch.extent[2] + x];
}

}  // namespace

GatheredBatch gather(const std::vector<MappedCase>& cases, const BatchPlan& plan,
                     const std::vector<Extents>& output_extents,
                     const std::vector<int64_t>& previous_stage_labels) {
  const int64_t samples = plan.samples.size();
  const int64_t channels = cases.at(0).channels() + previous_stage_labels.size();
  GatheredBatch batch{empty_channels_last(samples, channels, plan.patch_size), {}};
  for (const Extents& extent : output_extents) {
    std::vector<int64_t> shape{samples};
    shape.insert(shape.end(), extent.begin(), extent.end());
    batch.targets.push_back({shape, std::vector<int16_t>(samples * voxels_of(as_box(extent)))});
  }
  for (int64_t i = 0; i < samples; i++) {
    const SamplePlan& sample = plan.samples[i];
    Patch patch = cut(cases.at(sample.case_index), plan, sample);
    if (sample.augmentation) augment(patch, *sample.augmentation);
    for (int16_t& label : patch.label) label = std::max<int16_t>(label, 0);
    append_previous_stage(patch, previous_stage_labels, previous_stage_plan(sample));
    write_image(patch, batch.image.mutable_data_ptr<float>() + i * patch.voxels() * channels);
    for (size_t k = 0; k < output_extents.size(); k++) {
      const Box extent = as_box(output_extents[k]);
      write_target(patch, extent, batch.targets[k].labels.data() + i * voxels_of(extent));
    }
  }
  return batch;
}

}  // namespace pentafold
