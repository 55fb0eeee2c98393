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

/** What can be planned from a fingerprint alone, in the order of the plans. */
export const PLANNABLE_CONFIGURATIONS = ['2d', '3d_lowres', '3d_fullres', '3d_cascade_fullres'] as const;
export type PlannableConfiguration = (typeof PLANNABLE_CONFIGURATIONS)[number];

/** How to plan. */
export interface PlanningOptions {
  readonly planner: PlannerName;
  /** nnU-Net's name for what reads the images. */
  readonly imageReaderWriter: string;
  /** GPU memory that a training may take; `null`: what the planner was made for. */
  readonly gpuMemoryTargetGiB: number | null;
  /** By name of the configuration. */
  readonly overrides: Readonly<Record<string, PlanOverride | undefined>>;
  /** Which configurations to plan, as far as the data set allows them; a cascade brings its 3d_lowres with it. */
  readonly configurations: readonly PlannableConfiguration[];
}

/**
 * The plans of a data set.
 *
 * 3D configurations are left out for data sets of single slices, 3d_lowres and the cascade where 3d_fullres sees enough of
 * an image. The cascade is 3d_fullres once more, with what 3d_lowres predicted as further input.
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
  const configurations = planConfigurations(context, grid, dataset.numTraining, options);
  return {
    datasetName: dataset.name,
    plansName: planner.plansName,
    planner: planner.className,
    imageReaderWriter: options.imageReaderWriter,
    originalMedianSpacing: toNet(spacingZyx(...medianPerAxis(fingerprint.spacings)), forward),
    originalMedianShape: toNet(roundedShape(medianPerAxis(fingerprint.shapesAfterCrop)), forward),
    transposeForward: forward,
    transposeBackward: inversePermutation(forward),
    configurations,
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
  { configurations: wanted, overrides }: PlanningOptions,
): ConfigurationPlan[] {
  const isVolumetric = grid.medianImageSize[0] !== 1;
  const slices = wanted.includes('2d') ? [planSlices(context, grid)] : [];
  const volumes = isVolumetric && wanted.some((name) => name !== '2d') ? planVolumes(context, grid, trainingCases) : [];
  const overridden = [...slices, ...volumes].map((plan) => withOverride(plan, context.planner, overrides));
  const cascaded = wanted.includes(CASCADE) ? withCascade(overridden, context.planner, overrides) : overridden;
  const planned = cascaded.filter(
    ({ name, nextStages }) => nextStages.length > 0 || wanted.some((other) => other === name),
  );
  checkOverrides(planned, overrides);
  return planned;
}

const CASCADE = '3d_cascade_fullres';

/** With the cascade, and named in 3d_lowres as its next stage, if there is a 3d_lowres. */
function withCascade(
  plans: readonly ConfigurationPlan[],
  planner: Planner,
  overrides: PlanningOptions['overrides'],
): ConfigurationPlan[] {
  const low = plans.find(({ name }) => name === '3d_lowres');
  const full = plans.find(({ name }) => name === '3d_fullres');
  if (!low || !full) return [...plans];
  const cascade = { ...full, name: CASCADE, previousStage: low.name };
  const linked = plans.map((plan) => (plan === low ? { ...plan, nextStages: [CASCADE] } : plan));
  return [...linked, withOverride(cascade, planner, overrides)];
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

const withOverride = (
  plan: ConfigurationPlan,
  planner: Planner,
  overrides: PlanningOptions['overrides'],
): ConfigurationPlan => overriddenPlan(plan, planner, overrides[plan.name] ?? {});

function checkOverrides(configurations: readonly ConfigurationPlan[], overrides: PlanningOptions['overrides']): void {
  const planned = configurations.map(({ name }) => name);
  const unknown = Object.keys(overrides).find((name) => !planned.includes(name));
  if (unknown === undefined) return;
  const flat = planned.join() === '2d' ? '; images of single slices give no 3D configuration' : '';
  throw new InvalidPlanOverrideError(
    `overrides name the configuration ${unknown}, but the plans have ${planned.join(', ')} only${flat}`,
  );
}

function medianPerAxis(vectors: readonly (readonly number[])[]): [number, number, number] {
  const along = (axis: number) => median(vectors.map((vector) => vector[axis] ?? Number.NaN));
  return [along(0), along(1), along(2)];
}

const roundedShape = ([z, y, x]: [number, number, number]): Shape<'zyx'> =>
  shapeZyx(roundHalfEven(z), roundHalfEven(y), roundHalfEven(x));
