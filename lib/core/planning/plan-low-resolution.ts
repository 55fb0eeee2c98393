import { product } from '#core/geometry/axes.ts';
import { roundHalfEven } from '#core/geometry/rounding.ts';
import { type ConfigurationGrid, type PlanningContext, planConfiguration } from './plan-configuration.ts';
import type { ConfigurationPlan } from './plans.ts';

/** A patch that covers less of the median image than this sees too little context. */
const ENOUGH_COVERED = 0.25;
/** Spacings grow by this factor per trial. */
const STEP = 1.03;
/** An axis grows alone while another is this many times coarser. */
const COARSER = 2;
/** Fewer voxels less than this many times are no reason for a second resolution. */
const WORTH_IT = 2;

/**
 * The plan of 3d_lowres, or `null` where 3d_fullres sees enough of an image by itself.
 *
 * While the patch covers less than a quarter of the median image, spacings grow by 3 %, finer axes first, and the patch
 * is planned anew. A result with less than half fewer voxels is dropped.
 *
 * @param full grid of 3d_fullres. @param fullPatch its patch.
 * @see nnU-Net v2, ExperimentPlanner.plan_experiment
 */
export function planLowResolution(
  context: PlanningContext,
  full: ConfigurationGrid,
  fullPatch: readonly number[],
  trainingCases: number,
): ConfigurationPlan | null {
  const fullVoxels = product(full.medianImageSize);
  let spacing = full.spacing;
  let voxels = fullVoxels;
  let patchVoxels = product(fullPatch);
  let plan: ConfigurationPlan | null = null;
  while (patchVoxels / voxels < ENOUGH_COVERED) {
    spacing = coarser(spacing);
    const extent = spacing.map((mm, axis) => ((full.spacing[axis] ?? 0) / mm) * (full.medianImageSize[axis] ?? 0));
    const medianImageSize = extent.map(roundHalfEven);
    // A slab loses its last slices before its patch covers enough: nnU-Net would go on for ever.
    if (medianImageSize.some((voxelsAlongAxis) => voxelsAlongAxis <= 1)) return null;
    voxels = product(extent);
    const grid = { spacing, medianImageSize, datasetVoxels: voxels * trainingCases };
    plan = planConfiguration(context, '3d_lowres', grid, false);
    patchVoxels = product(plan.patchSize);
  }
  return fullVoxels / voxels < WORTH_IT ? null : plan;
}

function coarser(spacing: readonly number[]): number[] {
  const coarsest = Math.max(...spacing);
  const isFine = (mm: number) => coarsest / mm > COARSER;
  const grows = spacing.some(isFine) ? isFine : () => true;
  return spacing.map((mm) => (grows(mm) ? mm * STEP : mm));
}
