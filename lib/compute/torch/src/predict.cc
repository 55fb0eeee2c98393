#include "predict.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>

#include "layout.h"
#include "patch.h"

namespace pentafold {
namespace {

/** Input voxels that are run through the network at once: bounds memory, and is enough to keep the cores busy. */
constexpr int64_t kVoxelsAtOnce = 200000;

/** One pass of the network: a tile under one set of flips. The unflipped pass of a tile comes first. */
struct Pass {
  Box corner;
  bool first_of_tile;
  bool last_of_tile;
  /** Axes of the (N, C, ...tile) array. */
  std::vector<int64_t> flips;
};

Box as_box(const Extents& extents) {
  Box box{1, 1, 1};
  std::copy(extents.begin(), extents.end(), box.end() - extents.size());
  return box;
}

/** None, then every non-empty subset. */
std::vector<std::vector<int64_t>> all_flips(const std::vector<int64_t>& axes) {
  std::vector<std::vector<int64_t>> flips;
  for (size_t subset = 0; subset < size_t{1} << axes.size(); subset++) {
    flips.emplace_back();
    for (size_t i = 0; i < axes.size(); i++)
      if (subset >> i & 1) flips.back().push_back(2 + axes[i]);
  }
  return flips;
}

/** Tile starts on three axes; a plan of two has a start at every slice. */
std::array<Extents, 3> starts_on_three_axes(const TilePlan& plan, int64_t slices) {
  std::array<Extents, 3> starts;
  std::copy(plan.starts.begin(), plan.starts.end(), starts.end() - plan.starts.size());
  if (plan.starts.size() == 2)
    for (int64_t z = 0; z < slices; z++) starts[0].push_back(z);
  return starts;
}

std::vector<Pass> all_passes(const TilePlan& plan, int64_t slices) {
  const auto starts = starts_on_three_axes(plan, slices);
  const auto flips = all_flips(plan.mirror_axes);
  std::vector<Pass> passes;
  for (const int64_t z : starts[0])
    for (const int64_t y : starts[1])
      for (const int64_t x : starts[2])
        for (size_t i = 0; i < flips.size(); i++)
          passes.push_back({{z, y, x}, i == 0, i + 1 == flips.size(), flips[i]});
  return passes;
}

/** Weighted sums of logits, (z, y, x, heads), and of the weights, (z, y, x). */
class Accumulator {
 public:
  Accumulator(const Box& extent, const Box& tile, int64_t heads, const std::vector<float>& weight)
      : extent_(extent),
        tile_(tile),
        heads_(heads),
        weight_(weight),
        sums_(at::zeros({extent[0], extent[1], extent[2], heads}, at::kFloat)),
        weights_(voxels_of(extent)) {}

  /** Adds the logits (tile, heads) of a tile, times `factor` times the tile's weight. */
  void add(const Box& corner, const float* logits, float factor) {
    float* sums = sums_.mutable_data_ptr<float>();
    at::parallel_for(0, tile_[0] * tile_[1], 16, [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; line++) {
        const int64_t z = corner[0] + line / tile_[1], y = corner[1] + line % tile_[1];
        const int64_t to = (z * extent_[1] + y) * extent_[2] + corner[2];
        for (int64_t x = 0; x < tile_[2]; x++) {
          const float weight = weight_[line * tile_[2] + x];
          weights_[to + x] += weight;
          for (int64_t c = 0; c < heads_; c++)
            sums[(to + x) * heads_ + c] += logits[(line * tile_[2] + x) * heads_ + c] * factor * weight;
        }
      }
    });
  }

  /** (heads, z, y, x) */
  at::Tensor mean() {
    const at::Tensor weights = at::from_blob(weights_.data(), {extent_[0], extent_[1], extent_[2], 1}, at::kFloat);
    return sums_.div_(weights).movedim(3, 0).contiguous();
  }

 private:
  Box extent_, tile_;
  int64_t heads_;
  const std::vector<float>& weight_;
  at::Tensor sums_;
  std::vector<float> weights_;
};

/** Tiles of several passes as one channels-last batch. */
at::Tensor batch_of(const at::Tensor& image, const TilePlan& plan, const Box& tile, const Pass* passes, int64_t count) {
  const at::Tensor batch = empty_channels_last(count, image.size(0), plan.tile_size);
  for (int64_t i = 0; i < count; i++) {
    at::Tensor cut = image;
    for (int axis = 0; axis < 3; axis++) cut = cut.narrow(1 + axis, passes[i].corner[axis], tile[axis]);
    if (plan.tile_size.size() == 2) cut = cut.squeeze(1);
    batch.narrow(0, i, 1).copy_(cut.unsqueeze(0).flip(passes[i].flips));
  }
  return batch;
}

}  // namespace

at::Tensor predict(const Network& network, const at::Tensor& image, const TilePlan& plan) {
  const Box tile = as_box(plan.tile_size);
  const Box extent{image.size(1), image.size(2), image.size(3)};
  const std::vector<Pass> passes = all_passes(plan, extent[0]);
  const int64_t at_once = std::max<int64_t>(1, kVoxelsAtOnce / voxels_of(tile));
  const float share = 1.0f / static_cast<float>(int64_t{1} << plan.mirror_axes.size());
  OutputMask wanted(network.graph().outputs.size(), false);
  wanted[0] = true;

  Accumulator accumulator(extent, tile, network.graph().heads, plan.weight);
  at::Tensor of_tile;
  for (size_t begin = 0; begin < passes.size(); begin += at_once) {
    const int64_t count = std::min<int64_t>(at_once, passes.size() - begin);
    const at::Tensor logits = network.predict(batch_of(image, plan, tile, &passes[begin], count), wanted)[0];
    for (int64_t i = 0; i < count; i++) {
      const Pass& pass = passes[begin + i];
      const at::Tensor upright = to_channels_last(logits.narrow(0, i, 1).flip(pass.flips));
      of_tile = pass.first_of_tile ? upright : of_tile + upright;
      if (pass.last_of_tile) accumulator.add(pass.corner, as_rows(of_tile).const_data_ptr<float>(), share);
    }
  }
  return accumulator.mean();
}

}  // namespace pentafold
