import { extentNet, resolutionNet } from '#core/geometry/axes.ts';
import { batchSize } from './batch-size.ts';
import { type PatchCandidate, type PatchRequest, patchesTried } from './patch-size.ts';
import type { ConfigurationName, ConfigurationPlan, NormalizationScheme, ResamplingOptions } from './plans.ts';
import { UnplannableDatasetError } from './unplannable-dataset-error.ts';

/** What every configuration of a data set has in common. */
export interface PlanningContext extends Pick<PatchRequest, 'planner' | 'labelEntries'> {
  /** Memory estimate allowed for the reference batch, by dimensions. */
  readonly allowedEstimates: Readonly<Record<2 | 3, number>>;
  /** Per channel. */
  readonly normalizationSchemes: readonly NormalizationScheme[];
  readonly useMaskForNorm: readonly boolean[];
}

/** The grid a configuration works on. Two or three axes, network order. */
export interface ConfigurationGrid {
  /** mm per voxel. */
  readonly spacing: readonly number[];
  /** Median image extent at this spacing; may end in .5. */
  readonly medianImageSize: readonly number[];
  /** Voxels of the median volume times training cases. */
  readonly datasetVoxels: number;
}

/**
 * Patch, network and batch size of one configuration.
 *
 * @throws {UnplannableDatasetError} if the images are too small for a network with two resolutions, or none fits the
 *   memory.
 */
export function planConfiguration(
  context: PlanningContext,
  name: ConfigurationName,
  { spacing, medianImageSize, datasetVoxels }: ConfigurationGrid,
  batchDice: boolean,
): ConfigurationPlan {
  checkThickness(name, medianImageSize);
  const allowedEstimate = context.allowedEstimates[spacing.length === 3 ? 3 : 2];
  const tried = patchesTried({ ...context, spacing, medianImageSize, allowedEstimate });
  const fitting = tried.at(-1) ?? tried[0];
  checkPoolable(name, medianImageSize, tried[0], fitting);
  return {
    name,
    dataIdentifier: dataIdentifier(context, name),
    batchSize: batchSize(context.planner, allowedEstimate, fitting, datasetVoxels),
    patchSize: extentNet(fitting.patchSize),
    medianImageSize,
    spacing: resolutionNet(spacing),
    normalizationSchemes: context.normalizationSchemes,
    useMaskForNorm: context.useMaskForNorm,
    resampleImage: RESAMPLE_IMAGE,
    resampleSegmentation: RESAMPLE_SEGMENTATION,
    resampleProbabilities: RESAMPLE_PROBABILITIES,
    architecture: fitting.architecture,
    batchDice,
    previousStage: null,
    nextStages: [],
  };
}

const RESAMPLE_IMAGE: ResamplingOptions = { isSegmentation: false, order: 3, orderZ: 0, forceSeparateZ: null };
const RESAMPLE_SEGMENTATION: ResamplingOptions = { isSegmentation: true, order: 1, orderZ: 0, forceSeparateZ: null };
const RESAMPLE_PROBABILITIES: ResamplingOptions = { isSegmentation: false, order: 1, orderZ: 0, forceSeparateZ: null };

/** Residual planners preprocess 2d and 3d_fullres as the plain one does, and so name the data alike. */
function dataIdentifier({ planner }: PlanningContext, name: ConfigurationName): string {
  const shared = planner.network === 'ResidualEncoderUNet' && (name === '2d' || name === '3d_fullres');
  return `${shared ? 'nnUNetPlans' : planner.plansName}_${name}`;
}

function checkThickness(name: ConfigurationName, medianImageSize: readonly number[]): void {
  if (medianImageSize.every((extent) => extent > 1)) return;
  throw new UnplannableDatasetError(
    `configuration ${name} cannot be planned: the median image has ${medianImageSize.join(' x ')} voxels at the target ` +
      'spacing; single slices must lie along the axis with the largest spacing',
  );
}

function checkPoolable(
  name: ConfigurationName,
  medianImageSize: readonly number[],
  largest: PatchCandidate,
  fitting: PatchCandidate,
): void {
  // An axis that is too short to be pooled shrinks with the others, in the end to nothing.
  if (stages(fitting) >= 2 && fitting.patchSize.every((extent) => extent > 0)) return;
  const reason =
    stages(largest) < 2
      ? `images of ${medianImageSize.join(' x ')} voxels are too small for a U-Net, which halves axes of at least 8 ` +
        'voxels, or 12 where it is one axis alone'
      : 'no patch that can be pooled fits the memory; raise gpuMemoryTarget';
  throw new UnplannableDatasetError(`configuration ${name} cannot be planned: ${reason}`);
}

const stages = ({ architecture }: PatchCandidate): number => architecture.strides.length;
