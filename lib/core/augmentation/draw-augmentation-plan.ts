import type { RandomStream } from '#core/random/random-stream.ts';
import type {
  AugmentationPlan,
  BinaryOperator,
  ElasticPlan,
  PreviousStagePlan,
  SpatialPlan,
} from '#core/training/batch-plan.ts';
import { affine2d, affine3d } from './rotation.ts';
import type { AugmentationSettings, Range } from './settings.ts';

/** What a configuration decides about augmentation. */
export interface AugmentationSource {
  readonly settings: AugmentationSettings;
  /** 2 or 3. */
  readonly axes: number;
  /** Of the image; the labels of a previous stage are not counted. */
  readonly channels: number;
  /** Radians. */
  readonly rotationLimit: number;
  readonly dummy2d: boolean;
  readonly mirrorAxes: readonly number[];
  /** Channels normalised inside the nonzero mask. */
  readonly maskedChannels: readonly number[];
  /** Foreground labels that the stage before a cascade predicted; 0 where there is none. */
  readonly previousStageLabels: number;
}

/**
 * One sample's augmentation, drawn.
 *
 * Draws are made in the order of the plan's fields, so the same stream gives the same plan.
 */
export function drawAugmentationPlan(source: AugmentationSource, random: RandomStream): AugmentationPlan {
  const { axes, channels, settings } = source;
  const { noise, blur, brightness, contrast, lowResolution, gammaInverted, gamma, mirror } = settings;
  const perChannel = <T>(draw: () => T): T[] => Array.from({ length: channels }, draw);
  return {
    spatial: drawSpatialPlan(source, random),
    noise: random.chance(noise.chance) ? { sigma: random.uniform(...noise.sigma), key: random.key() } : null,
    blur: random.chance(blur.chance)
      ? perChannel(() =>
          random.chance(blur.chancePerChannel)
            ? Array.from({ length: axes }, () => random.uniform(...blur.sigma))
            : null,
        )
      : null,
    brightness: random.chance(brightness.chance) ? perChannel(() => aroundOne(brightness.factor, random)) : null,
    contrast: random.chance(contrast.chance) ? perChannel(() => aroundOne(contrast.factor, random)) : null,
    lowResolution: random.chance(lowResolution.chance)
      ? {
          zoom: perChannel(() =>
            random.chance(lowResolution.chancePerChannel) ? random.uniform(...lowResolution.zoom) : null,
          ),
          ignoreFirstAxis: source.dummy2d,
        }
      : null,
    gammaInverted: random.chance(gammaInverted.chance)
      ? perChannel(() => aroundOne(gammaInverted.exponent, random))
      : null,
    gamma: random.chance(gamma.chance) ? perChannel(() => aroundOne(gamma.exponent, random)) : null,
    mirrorAxes: source.mirrorAxes.filter(() => random.chance(mirror.chance)),
    maskedChannels: source.maskedChannels,
    previousStage: source.previousStageLabels > 0 ? drawPreviousStagePlan(source, random) : null,
  };
}

function drawSpatialPlan(source: AugmentationSource, random: RandomStream): SpatialPlan | null {
  const { rotation, scaling } = source.settings;
  const inPlane = source.axes === 2 || source.dummy2d;
  const elastic = drawElasticPlan(source, inPlane, random);
  const rotates = random.chance(rotation.chance);
  const angle = (): number => (rotates ? random.uniform(-source.rotationLimit, source.rotationLimit) : 0);
  const angles = inPlane ? ([angle(), 0, 0] as const) : ([angle(), angle(), angle()] as const);
  const rescales = random.chance(scaling.chance);
  const scale = rescales ? random.uniform(...scaling.factor) : 1;
  if (!rotates && !rescales && !elastic) return null;
  return {
    matrix: inPlane ? affine2d(angles[0], scale) : affine3d(angles, scale),
    dummy2d: source.dummy2d,
    elastic,
  };
}

function drawElasticPlan(source: AugmentationSource, inPlane: boolean, random: RandomStream): ElasticPlan | null {
  const { elastic } = source.settings;
  if (!elastic || !random.chance(elastic.chance)) return null;
  return {
    amplitude: random.uniform(...elastic.amplitude[inPlane ? 2 : 3]),
    sigma: random.uniform(...elastic.sigma),
    key: random.key(),
  };
}

const OPERATORS: readonly BinaryOperator[] = ['dilation', 'erosion', 'closing', 'opening'];

function drawPreviousStagePlan(source: AugmentationSource, random: RandomStream): PreviousStagePlan {
  const { operator, removal } = source.settings.previousStage;
  const channels = Array.from({ length: source.previousStageLabels }, (_, channel) => channel);
  const changed = random.chance(operator.chance)
    ? shuffled(channels, random).filter(() => random.chance(operator.chancePerLabel))
    : [];
  const reduced = random.chance(removal.chance) ? channels.filter(() => random.chance(removal.chancePerLabel)) : [];
  return {
    operators: changed.map((channel) => ({
      channel,
      operator: OPERATORS[random.integer(0, OPERATORS.length - 1)] ?? 'dilation',
      radius: random.uniform(...operator.radius),
    })),
    removals: reduced.map((channel) => ({
      channel,
      pick: random.uniform(0, 1),
      largestShare: removal.largestShare,
    })),
  };
}

function shuffled<T>(values: readonly T[], random: RandomStream): T[] {
  const rest = [...values];
  return values.flatMap(() => rest.splice(random.integer(0, rest.length - 1), 1));
}

/** Below or above 1 with even chances, so that a range that is not symmetric about 1 does not lean to one side. */
const aroundOne = ([low, high]: Range, random: RandomStream): number =>
  random.chance(0.5) ? random.uniform(low, 1) : random.uniform(1, high);
