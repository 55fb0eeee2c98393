// One sample on its way into a batch.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace pentafold {

/** Extents of three axes; a 2D patch has one slice. */
using Box = std::array<int64_t, 3>;

inline int64_t voxels_of(const Box& extent) { return extent[0] * extent[1] * extent[2]; }

struct Patch {
  /** Axes that the network sees: the last 2 or all 3. */
  int64_t axes;
  Box extent;
  int64_t channels;
  /** (channels, ...extent), C order. */
  std::vector<float> image;
  /** (...extent); -1 where nothing is known. */
  std::vector<int16_t> label;
  /** As the label; empty where there is none, or it has become channels of the image. */
  std::vector<int16_t> previous_stage;

  Patch(int64_t axes, const Box& extent, int64_t channels, bool has_previous_stage)
      : axes(axes),
        extent(extent),
        channels(channels),
        image(channels * voxels_of(extent)),
        label(voxels_of(extent)),
        previous_stage(has_previous_stage ? voxels_of(extent) : 0) {}

  int64_t voxels() const { return voxels_of(extent); }
  float* channel(int64_t c) { return image.data() + c * voxels(); }
  /** Position among the three axes of an axis that the network sees. */
  int64_t axis(int64_t seen) const { return 3 - axes + seen; }
};

}  // namespace pentafold
