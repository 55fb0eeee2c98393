// Work on the voxels of a channels-last array in chunks. Their borders depend on the shape alone, so partial sums are
// the same for any number of threads.
#pragma once

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>

namespace pentafold {

struct Chunks {
  int64_t samples;
  int64_t voxels;
  /** Voxels of a chunk: about 64 KiB of floats, and a multiple of 16 so that kernels see whole rows. */
  int64_t length;
  /** Chunks of one sample. */
  int64_t count;

  Chunks(int64_t samples, int64_t voxels, int64_t channels)
      : samples(samples),
        voxels(voxels),
        length(std::max<int64_t>(1, 16384 / channels / 16) * 16),
        count((voxels + length - 1) / length) {}

  /** Calls `work(sample, chunk, first voxel, voxels)` for every chunk, on the threads of this engine. */
  template <class Work>
  void each(const Work& work) const {
    at::parallel_for(0, samples * count, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; i++) {
        const int64_t first = i % count * length;
        work(i / count, i % count, first, std::min(length, voxels - first));
      }
    });
  }
};

}  // namespace pentafold
