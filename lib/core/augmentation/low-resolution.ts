import { roundHalfEven } from '#core/geometry/rounding.ts';
import { combineAlongAxis, type LineWeights, nearestExact } from './axis-lines.ts';

/**
 * One channel as if it had been acquired coarser: voxels picked down to round(n * zoom), then interpolated linearly back.
 *
 * @param zooms in (0, 1], per axis of `shape`; 1 leaves an axis as it is.
 * @see batchgeneratorsv2, SimulateLowResolutionTransform
 */
export function simulateLowResolution(
  channel: Float32Array,
  shape: readonly number[],
  zooms: readonly number[],
): Float32Array {
  const coarse = shape.map((extent, axis) => Math.max(1, roundHalfEven(extent * (zooms[axis] ?? 1))));
  const picked = resizeAxes(channel, shape, coarse, (from, to) =>
    nearestExact(from, to).map((index) => ({ from: [index], weights: [1] })),
  );
  return resizeAxes(picked, coarse, shape, linearLines);
}

function resizeAxes(
  values: Float32Array,
  from: readonly number[],
  to: readonly number[],
  lines: (from: number, to: number) => LineWeights,
): Float32Array {
  return from.reduce((resized, extent, axis) => {
    const target = to[axis] ?? extent;
    if (target === extent) return resized;
    return combineAlongAxis(resized, [...to.slice(0, axis), ...from.slice(axis)], axis, lines(extent, target));
  }, values);
}

/** Voxel centres at half, borders repeated (PyTorch's align_corners=False). */
function linearLines(from: number, to: number): LineWeights {
  return Array.from({ length: to }, (_, i) => {
    const position = Math.max(0, ((i + 0.5) * from) / to - 0.5);
    const low = Math.min(from - 1, Math.floor(position));
    const high = Math.min(from - 1, low + 1);
    return { from: [low, high], weights: [1 - (position - low), position - low] };
  });
}
