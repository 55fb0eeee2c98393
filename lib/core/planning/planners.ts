// The constants in which nnU-Net's planners differ, and those they share.

import type { Architecture } from './plans.ts';

/** An experiment planner, by the name a Task gives it. */
export type PlannerName = 'default' | 'resenc' | 'resenc-m' | 'resenc-l' | 'resenc-xl';

/** What one planner aims at. Not to be tuned: other values make other plans than nnU-Net's. */
export interface Planner {
  /** nnU-Net's class, as plans.json says it. */
  readonly className: string;
  readonly plansName: string;
  readonly network: Architecture['kind'];
  /** Memory that the reference values stand for, and the target unless one is given. */
  readonly referenceGiB: number;
  /** Memory estimate that a network may have, by dimensions. */
  readonly referenceEstimate: Readonly<Record<2 | 3, number>>;
  /** Share of the data set's voxels that one batch may cover. */
  readonly maxDatasetCovered: number;
}

/** Batch size that the reference estimates belong to. */
export const REFERENCE_BATCH_SIZE: Readonly<Record<2 | 3, number>> = { 2: 12, 3: 2 };
/** Fewer patches per step are never planned, however little memory there is. */
export const MIN_BATCH_SIZE = 2;
/** Feature maps of the first stage; doubled per stage up to the maximum. */
export const BASE_FEATURES = 32;
export const MAX_FEATURES: Readonly<Record<2 | 3, number>> = { 2: 512, 3: 320 };
/** Least extent, in voxels, of an axis after pooling it. */
export const MIN_BOTTLENECK_EDGE = 4;

const residual = {
  network: 'ResidualEncoderUNet',
  maxDatasetCovered: 1,
} as const;

/** @see nnU-Net v2, experiment_planning/experiment_planners */
export const PLANNERS: Readonly<Record<PlannerName, Planner>> = {
  default: {
    className: 'ExperimentPlanner',
    plansName: 'nnUNetPlans',
    network: 'PlainConvUNet',
    referenceGiB: 8,
    referenceEstimate: { 2: 85e6, 3: 560e6 },
    maxDatasetCovered: 0.05,
  },
  resenc: {
    className: 'ResEncUNetPlanner',
    plansName: 'nnUNetResEncUNetPlans',
    network: 'ResidualEncoderUNet',
    referenceGiB: 8,
    referenceEstimate: { 2: 135e6, 3: 680e6 },
    maxDatasetCovered: 0.05,
  },
  'resenc-m': {
    ...residual,
    className: 'nnUNetPlannerResEncM',
    plansName: 'nnUNetResEncUNetMPlans',
    referenceGiB: 8,
    referenceEstimate: { 2: 135e6, 3: 680e6 },
  },
  'resenc-l': {
    ...residual,
    className: 'nnUNetPlannerResEncL',
    plansName: 'nnUNetResEncUNetLPlans',
    referenceGiB: 24,
    referenceEstimate: { 2: 380e6, 3: 2100e6 },
  },
  'resenc-xl': {
    ...residual,
    className: 'nnUNetPlannerResEncXL',
    plansName: 'nnUNetResEncUNetXLPlans',
    referenceGiB: 40,
    referenceEstimate: { 2: 560e6, 3: 3600e6 },
  },
};
