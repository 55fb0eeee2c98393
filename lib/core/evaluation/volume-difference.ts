import type { Metrics } from './metrics.ts';

/** How much larger a predicted object is than the true one. */
export interface VolumeDifference {
  /** Prediction less reference, millilitres. */
  readonly millilitres: number;
  /** The same as a share of the reference; NaN where the reference has nothing. */
  readonly relative: number;
}

/** @param spacing mm per voxel, three axes in any order. */
export function volumeDifference(
  { predicted, reference }: Pick<Metrics, 'predicted' | 'reference'>,
  spacing: readonly number[],
): VolumeDifference {
  const difference = predicted - reference;
  const voxelMillilitres = spacing.reduce((a, b) => a * b, 1) / 1000;
  return {
    millilitres: difference * voxelMillilitres,
    relative: reference === 0 ? Number.NaN : difference / reference,
  };
}
