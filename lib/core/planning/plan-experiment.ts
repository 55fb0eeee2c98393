// From fingerprint to plans: nnU-Net's rules that turn a data set's grids and intensities into networks, patches and
// batches. Everything here is arithmetic; nothing is measured.

import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import type { DatasetFingerprint } from '#core/fingerprint/dataset-fingerprint.ts';
import { median } from '#core/fingerprint/percentile.ts';
import {
  type AxisPermutation,
  product,
  type Shape,
  type Spacing,
  shapeZyx,
  spacingZyx,
  toNet,
} from '#core/geometry/axes.ts';
import { roundHalfEven } from '#core/geometry/rounding.ts';
import { normalizationScheme, usesMaskForNorm } from './normalization-choice.ts';
import { type ConfigurationGrid, type PlanningContext, planConfiguration } from './plan-configuration.ts';
import { planLowResolution } from './plan-low-resolution.ts';
import { InvalidPlanOverrideError, overriddenPlan, type PlanOverride } from './plan-overrides.ts';
import { PLANNERS, type Planner, type PlannerName } from './planners.ts';
import type { ConfigurationPlan, Plans } from './plans.ts';
import { inversePermutation, targetSpacing, transposeForward } from './target-spacing.ts';

/** A configuration that is planned from the fingerprint alone. */
export type PlannableConfiguration = '2d' | '3d_lowres' | '3d_fullres';

/** How to plan. */
export interface PlanningOptions {
  readonly planner: PlannerName;
  /** GPU memory that a training may take; `null`: what the planner was made for. */
  readonly gpuMemoryTargetGiB: number | null;
  /** By name of the configuration. */
  readonly overrides: Readonly<Record<string, PlanOverride | undefined>>;
  /** Which configurations to plan, as far as the data set allows them. */
  readonly configurations: readonly PlannableConfiguration[];
}

/**
 * The plans of a data set.
 *
 * 3D configurations are left out for data sets of single slices, 3d_lowres where 3d_fullres sees enough of an image.
 *
 * @param dataset `numTraining` must be the number of cases that train: it bounds the batch size.
 * @throws {UnplannableDatasetError} if a configuration's images are too small or too large for any network.
 * @throws {InvalidPlanOverrideError} for an override of a configuration that is not planned, or that cannot be followed.
 * @see nnU-Net v2, ExperimentPlanner.plan_experiment
 */
export function planExperiment(
  fingerprint: DatasetFingerprint,
  dataset: DatasetDescription,
  options: PlanningOptions,
): Plans {
  const planner = PLANNERS[options.planner];
  const target = targetSpacing(fingerprint);
  const forward = transposeForward(target);
  const context = planningContext(planner, fingerprint, dataset, options.gpuMemoryTargetGiB);
  const spacing = toNet(target, forward);
  const medianImageSize = resampledMedian(fingerprint, spacing, forward);
  const grid = { spacing, medianImageSize, datasetVoxels: product(medianImageSize) * dataset.numTraining };
  const configurations = planConfigurations(context, grid, dataset.numTraining, options.configurations);
  return {
    datasetName: dataset.name,
    plansName: planner.plansName,
    planner: planner.className,
    imageReaderWriter: 'SimpleITKIO',
    originalMedianSpacing: toNet(spacingZyx(...medianPerAxis(fingerprint.spacings)), forward),
    originalMedianShape: toNet(roundedShape(medianPerAxis(fingerprint.shapesAfterCrop)), forward),
    transposeForward: forward,
    transposeBackward: inversePermutation(forward),
    configurations: withOverrides(configurations, planner, options.overrides),
    foregroundIntensities: fingerprint.foregroundIntensities,
  };
}

function planningContext(
  planner: Planner,
  fingerprint: DatasetFingerprint,
  dataset: DatasetDescription,
  gpuMemoryTargetGiB: number | null,
): PlanningContext {
  const scale = (gpuMemoryTargetGiB ?? planner.referenceGiB) / planner.referenceGiB;
  const { 2: flat, 3: solid } = planner.referenceEstimate;
  const normalizationSchemes = dataset.channelNames.map(normalizationScheme);
  return {
    planner,
    labelEntries: dataset.labels.length,
    allowedEstimates: { 2: flat * scale, 3: solid * scale },
    normalizationSchemes,
    useMaskForNorm: normalizationSchemes.map((scheme) =>
      usesMaskForNorm(scheme, fingerprint.medianRelativeSizeAfterCropping),
    ),
  };
}

/** Median over cases of the extent after resampling, network order; may end in .5. */
function resampledMedian(
  { spacings, shapesAfterCrop }: DatasetFingerprint,
  target: Spacing<'net'>,
  forward: AxisPermutation,
): [number, number, number] {
  const resampled = shapesAfterCrop.map((shape, i) => {
    const spacing = toNet(spacings[i] ?? spacingZyx(Number.NaN, Number.NaN, Number.NaN), forward);
    return toNet(shape, forward).map((extent, axis) =>
      roundHalfEven(((spacing[axis] ?? 0) / (target[axis] ?? 0)) * extent),
    );
  });
  return medianPerAxis(resampled);
}

function planConfigurations(
  context: PlanningContext,
  grid: ConfigurationGrid,
  trainingCases: number,
  wanted: readonly PlannableConfiguration[],
): ConfigurationPlan[] {
  const isVolumetric = grid.medianImageSize[0] !== 1;
  const slices = wanted.includes('2d') ? [planSlices(context, grid)] : [];
  const volumes = isVolumetric && wanted.some((name) => name !== '2d') ? planVolumes(context, grid, trainingCases) : [];
  return [...slices, ...volumes].filter(({ name }) => wanted.some((other) => other === name));
}

/** The in-plane axes of the volumes; their voxels are still counted in 3D. */
function planSlices(context: PlanningContext, { spacing, medianImageSize, datasetVoxels }: ConfigurationGrid) {
  const inPlane = { spacing: spacing.slice(1), medianImageSize: medianImageSize.slice(1), datasetVoxels };
  return planConfiguration(context, '2d', inPlane, true);
}

/** Patches that show little of an image belong to many images at once, so their Dice is taken over the batch. */
function planVolumes(context: PlanningContext, grid: ConfigurationGrid, trainingCases: number): ConfigurationPlan[] {
  const full = planConfiguration(context, '3d_fullres', grid, false);
  const low = planLowResolution(context, grid, full.patchSize, trainingCases);
  return low === null ? [full] : [low, { ...full, batchDice: true }];
}

function withOverrides(
  configurations: readonly ConfigurationPlan[],
  planner: Planner,
  overrides: PlanningOptions['overrides'],
): ConfigurationPlan[] {
  const planned = configurations.map(({ name }) => name);
  const unknown = Object.keys(overrides).find((name) => !planned.includes(name));
  if (unknown !== undefined) {
    const flat = planned.join() === '2d' ? '; images of single slices give no 3D configuration' : '';
    throw new InvalidPlanOverrideError(
      `overrides name the configuration ${unknown}, but the plans have ${planned.join(', ')} only${flat}`,
    );
  }
  return configurations.map((plan) => overriddenPlan(plan, planner, overrides[plan.name] ?? {}));
}

function medianPerAxis(vectors: readonly (readonly number[])[]): [number, number, number] {
  const along = (axis: number) => median(vectors.map((vector) => vector[axis] ?? Number.NaN));
  return [along(0), along(1), along(2)];
}

const roundedShape = ([z, y, x]: [number, number, number]): Shape<'zyx'> =>
  shapeZyx(roundHalfEven(z), roundHalfEven(y), roundHalfEven(x));
