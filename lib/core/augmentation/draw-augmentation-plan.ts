import type { RandomStream } from '#core/random/random-stream.ts';
import type { AugmentationPlan, SpatialPlan } from '#core/training/batch-plan.ts';
import { affine2d, affine3d } from './rotation.ts';

/** What a configuration decides about augmentation. */
export interface AugmentationSource {
  /** 2 or 3. */
  readonly axes: number;
  readonly channels: number;
  /** Radians. */
  readonly rotationLimit: number;
  readonly dummy2d: boolean;
  readonly mirrorAxes: readonly number[];
  /** Channels normalised inside the nonzero mask. */
  readonly maskedChannels: readonly number[];
}

/** nnU-Net's probabilities and ranges. They decide the model's quality and are not tuned per task. */
const rotationChance = 0.2;
const scalingChance = 0.2;
const scales = [0.7, 1.4] as const;
const noiseChance = 0.1;
const noiseSigmas = [0, 0.1] as const;
const blurChance = 0.2;
const blurChancePerChannel = 0.5;
const blurSigmas = [0.5, 1] as const;
const brightnessChance = 0.15;
const brightnessFactors = [0.75, 1.25] as const;
const contrastChance = 0.15;
const contrastFactors = [0.75, 1.25] as const;
const lowResolutionChance = 0.25;
const lowResolutionChancePerChannel = 0.5;
const lowResolutionZooms = [0.5, 1] as const;
const gammaInvertedChance = 0.1;
const gammaChance = 0.3;
const gammas = [0.7, 1.5] as const;
const mirrorChance = 0.5;

type Range = readonly [number, number];

/**
 * One sample's augmentation, drawn.
 *
 * Draws are made in the order of the plan's fields, so the same stream gives the same plan.
 *
 * @see nnU-Net v2, nnUNetTrainer.get_training_transforms
 */
export function drawAugmentationPlan(source: AugmentationSource, random: RandomStream): AugmentationPlan {
  const { axes, channels } = source;
  const perChannel = <T>(draw: () => T): T[] => Array.from({ length: channels }, draw);
  return {
    spatial: drawSpatialPlan(source, random),
    noise: random.chance(noiseChance) ? { sigma: random.uniform(...noiseSigmas), key: random.key() } : null,
    blur: random.chance(blurChance)
      ? perChannel(() =>
          random.chance(blurChancePerChannel)
            ? Array.from({ length: axes }, () => random.uniform(...blurSigmas))
            : null,
        )
      : null,
    brightness: random.chance(brightnessChance) ? perChannel(() => aroundOne(brightnessFactors, random)) : null,
    contrast: random.chance(contrastChance) ? perChannel(() => aroundOne(contrastFactors, random)) : null,
    lowResolution: random.chance(lowResolutionChance)
      ? {
          zoom: perChannel(() =>
            random.chance(lowResolutionChancePerChannel) ? random.uniform(...lowResolutionZooms) : null,
          ),
          ignoreFirstAxis: source.dummy2d,
        }
      : null,
    gammaInverted: random.chance(gammaInvertedChance) ? perChannel(() => aroundOne(gammas, random)) : null,
    gamma: random.chance(gammaChance) ? perChannel(() => aroundOne(gammas, random)) : null,
    mirrorAxes: source.mirrorAxes.filter(() => random.chance(mirrorChance)),
    maskedChannels: source.maskedChannels,
  };
}

function drawSpatialPlan(source: AugmentationSource, random: RandomStream): SpatialPlan | null {
  const rotates = random.chance(rotationChance);
  const angle = (): number => (rotates ? random.uniform(-source.rotationLimit, source.rotationLimit) : 0);
  const inPlane = source.axes === 2 || source.dummy2d;
  const angles = inPlane ? ([angle(), 0, 0] as const) : ([angle(), angle(), angle()] as const);
  const rescales = random.chance(scalingChance);
  const scale = rescales ? random.uniform(...scales) : 1;
  if (!rotates && !rescales) return null;
  return {
    matrix: inPlane ? affine2d(angles[0], scale) : affine3d(angles, scale),
    dummy2d: source.dummy2d,
  };
}

/** Below or above 1 with even chances, so that a range that is not symmetric about 1 does not lean to one side. */
const aroundOne = ([low, high]: Range, random: RandomStream): number =>
  random.chance(0.5) ? random.uniform(low, 1) : random.uniform(1, high);
