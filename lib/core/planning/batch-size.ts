import { product } from '#core/geometry/axes.ts';
import { roundHalfEven } from '#core/geometry/rounding.ts';
import type { PatchCandidate } from './patch-size.ts';
import { MIN_BATCH_SIZE, type Planner, REFERENCE_BATCH_SIZE } from './planners.ts';

/**
 * Patches per step: as many as the memory left by a smaller network allows, but no batch may cover more than the
 * planner's share of the data set (5 % by default), and at least 2.
 *
 * @param datasetVoxels median image voxels times training cases, in 3D also for `2d`.
 */
export function batchSize(
  planner: Planner,
  allowedEstimate: number,
  { patchSize, architecture, estimate }: PatchCandidate,
  datasetVoxels: number,
): number {
  const fitting = roundHalfEven((allowedEstimate / estimate) * REFERENCE_BATCH_SIZE[architecture.dimensions]);
  const covering = roundHalfEven((datasetVoxels * planner.maxDatasetCovered) / product(patchSize));
  return Math.max(Math.min(fitting, covering), MIN_BATCH_SIZE);
}
