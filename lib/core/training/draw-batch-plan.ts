import { type AugmentationSource, drawAugmentationPlan } from '#core/augmentation/draw-augmentation-plan.ts';
import { patchGeometry } from '#core/augmentation/patch-geometry.ts';
import type { AugmentationSettings } from '#core/augmentation/settings.ts';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import { RandomStream } from '#core/random/random-stream.ts';
import type { BatchPlan, SamplePlan } from './batch-plan.ts';
import { isForcedForeground } from './oversampling.ts';
import { drawCorner, type PatchExtent, type SampledCase } from './patch-sampling.ts';

/** What batches are drawn from: the cases of one fold, under one configuration. */
export interface PatchSource {
  readonly cases: readonly SampledCase[];
  readonly patchSize: readonly number[];
  readonly batchSize: number;
  /** Share of a batch that is centred on foreground. */
  readonly oversampleForeground: number;
  readonly initialPatchSize: readonly number[];
  readonly augmentation: AugmentationSource;
}

/** Names one batch of one training. */
export interface BatchPlace {
  readonly seed: number;
  readonly epoch: number;
  /** Within the epoch, from 0. */
  readonly iteration: number;
}

/** What is drawn, beside the patches themselves. */
export interface PatchDraws {
  /** Share of a batch that is centred on foreground; nnU-Net: 0.33. */
  readonly oversampleForeground: number;
  readonly settings: AugmentationSettings;
  /** Foreground labels of the stage before a cascade; 0 without one. */
  readonly previousStageLabels: number;
}

/**
 * The source of a fold's batches.
 *
 * @param cases in the order of the training's cases: a sample's `caseIndex` counts in it.
 * @throws {RangeError} if there is no case.
 */
export function patchSource(
  cases: readonly SampledCase[],
  configuration: Pick<ConfigurationPlan, 'patchSize' | 'batchSize' | 'useMaskForNorm'>,
  { oversampleForeground, settings, previousStageLabels }: PatchDraws,
): PatchSource {
  if (cases.length === 0) throw new RangeError('expected at least one case to draw patches from, got none');
  const { patchSize, batchSize, useMaskForNorm } = configuration;
  const { initialPatchSize, rotationLimit, dummy2d, mirrorAxes: axes } = patchGeometry(patchSize);
  const mirrorAxes = axes.filter((axis) => settings.mirror.axes?.includes(axis) ?? true);
  const maskedChannels = useMaskForNorm.flatMap((masked, channel) => (masked ? [channel] : []));
  const channels = useMaskForNorm.length;
  return {
    cases,
    patchSize,
    batchSize,
    oversampleForeground,
    initialPatchSize,
    augmentation: {
      settings,
      axes: patchSize.length,
      channels,
      rotationLimit,
      dummy2d,
      mirrorAxes,
      maskedChannels,
      previousStageLabels,
    },
  };
}

// First step of a stream's name, so that no validation batch repeats a training batch's numbers.
const training = 0;
const validation = 1;

/**
 * A training batch: cases drawn with replacement, patches with room for the spatial transform, augmented.
 *
 * Depends on the place alone, not on batches drawn before.
 */
export function drawTrainingBatch(source: PatchSource, place: BatchPlace): BatchPlan {
  const extent = { initial: source.initialPatchSize, final: source.patchSize };
  return drawBatch(source, extent, (sample) => {
    const random = streamOf(training, place, sample);
    return { random, augment: () => drawAugmentationPlan(source.augmentation, random) };
  });
}

/** A validation batch: drawn like a training batch, but read at the final extent and not augmented. */
export function drawValidationBatch(source: PatchSource, place: BatchPlace): BatchPlan {
  const extent = { initial: source.patchSize, final: source.patchSize };
  return drawBatch(source, extent, (sample) => ({ random: streamOf(validation, place, sample), augment: () => null }));
}

interface SampleDraws {
  readonly random: RandomStream;
  readonly augment: () => SamplePlan['augmentation'];
}

function drawBatch(source: PatchSource, extent: PatchExtent, draws: (sample: number) => SampleDraws): BatchPlan {
  const samples = Array.from({ length: source.batchSize }, (_, sample): SamplePlan => {
    const { random, augment } = draws(sample);
    const caseIndex = random.integer(0, source.cases.length - 1);
    const forced = isForcedForeground(sample, source.batchSize, source.oversampleForeground);
    const corner = drawCorner(caseAt(source, caseIndex), extent, forced, random);
    return { caseIndex, corner, augmentation: augment() };
  });
  return { patchSize: extent.final, initialPatchSize: extent.initial, samples };
}

const streamOf = (purpose: number, { seed, epoch, iteration }: BatchPlace, sample: number): RandomStream =>
  new RandomStream(seed, purpose, epoch, iteration, sample);

function caseAt(source: PatchSource, index: number): SampledCase {
  const found = source.cases[index];
  if (!found) throw new RangeError(`case ${index} is not among the ${source.cases.length} of the source`);
  return found;
}
