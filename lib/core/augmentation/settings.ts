// How often what happens to a patch, and how strongly. Plain data, so that a Task can hold its own.

export type Range = readonly [low: number, high: number];

/** Chances are per sample unless said otherwise; values are drawn evenly from their range. */
export interface AugmentationSettings {
  /** By up to the limit that the patch allows, see `patchGeometry`. */
  readonly rotation: { readonly chance: number };
  /** One factor for all axes; above 1 objects shrink. */
  readonly scaling: { readonly chance: number; readonly factor: Range };
  /** Smooth random displacement; `null`: none. */
  readonly elastic: ElasticSettings | null;
  /** Standard deviation of the noise, the same for all channels. nnU-Net calls it a variance. */
  readonly noise: { readonly chance: number; readonly sigma: Range };
  /** Sigma in voxels, drawn per channel and axis. */
  readonly blur: { readonly chance: number; readonly chancePerChannel: number; readonly sigma: Range };
  /** Drawn per channel, below or above 1 with even chances; so are contrast and gamma. */
  readonly brightness: { readonly chance: number; readonly factor: Range };
  readonly contrast: { readonly chance: number; readonly factor: Range };
  readonly lowResolution: { readonly chance: number; readonly chancePerChannel: number; readonly zoom: Range };
  readonly gammaInverted: { readonly chance: number; readonly exponent: Range };
  readonly gamma: { readonly chance: number; readonly exponent: Range };
  /** Chance per axis. `axes` that may be flipped, in training and in prediction; `null`: all. */
  readonly mirror: { readonly chance: number; readonly axes: readonly number[] | null };
  /** What happens to the labels that the stage before a cascade predicted. */
  readonly previousStage: PreviousStageSettings;
}

export interface ElasticSettings {
  readonly chance: number;
  /** Amplitude of the displacement before it is smoothed, voxels; by the axes that it moves along. */
  readonly amplitude: Readonly<Record<2 | 3, Range>>;
  /** Smoothing, voxels. */
  readonly sigma: Range;
}

export interface PreviousStageSettings {
  readonly operator: { readonly chance: number; readonly chancePerLabel: number; readonly radius: Range };
  readonly removal: {
    readonly chance: number;
    readonly chancePerLabel: number;
    /** Only components below this share of the patch are removed. */
    readonly largestShare: number;
  };
}

/**
 * nnU-Net v2's settings. They decide a model's quality and are not tuned per task.
 *
 * @see nnU-Net v2, nnUNetTrainer.get_training_transforms
 */
const v2: AugmentationSettings = {
  rotation: { chance: 0.2 },
  scaling: { chance: 0.2, factor: [0.7, 1.4] },
  elastic: null,
  noise: { chance: 0.1, sigma: [0, 0.1] },
  blur: { chance: 0.2, chancePerChannel: 0.5, sigma: [0.5, 1] },
  brightness: { chance: 0.15, factor: [0.75, 1.25] },
  contrast: { chance: 0.15, factor: [0.75, 1.25] },
  lowResolution: { chance: 0.25, chancePerChannel: 0.5, zoom: [0.5, 1] },
  gammaInverted: { chance: 0.1, exponent: [0.7, 1.5] },
  gamma: { chance: 0.3, exponent: [0.7, 1.5] },
  mirror: { chance: 0.5, axes: null },
  previousStage: {
    operator: { chance: 0.4, chancePerLabel: 0.5, radius: [1, 8] },
    removal: { chance: 0.2, chancePerLabel: 0.5, largestShare: 0.15 },
  },
};

/**
 * As v2, and with nnU-Net v1's elastic deformation. v1 drew its displacements evenly from ±alpha, alpha up to 900 (200 in
 * plane); here they are normal with the same variance, which after smoothing is the same. v1's cubic interpolation is
 * not taken over.
 *
 * @see nnU-Net v1, default_3D_augmentation_params and default_2D_augmentation_params
 */
const v1: AugmentationSettings = {
  ...v2,
  elastic: {
    chance: 0.2,
    amplitude: { 2: [0, 200 / Math.sqrt(3)], 3: [0, 900 / Math.sqrt(3)] },
    sigma: [9, 13],
  },
};

/** Settings by the name a Task gives them. */
export const AUGMENTATIONS: Readonly<Record<'v1' | 'v2', AugmentationSettings>> = { v1, v2 };

/** A Task's own settings: what it leaves out is v2's. */
export type CustomAugmentation = {
  readonly [K in keyof AugmentationSettings]?: AugmentationSettings[K] | undefined;
};

/**
 * Settings as a Task has them.
 *
 * @throws {RangeError} with all of `augmentationProblems`.
 */
export function augmentationSettings(choice: 'v1' | 'v2' | CustomAugmentation): AugmentationSettings {
  if (typeof choice === 'string') return AUGMENTATIONS[choice];
  const given = Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== undefined));
  const settings: AugmentationSettings = { ...v2, ...given };
  const problems = augmentationProblems(settings);
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  return settings;
}

/** Why settings cannot be followed, one sentence each; none if they can. */
export function augmentationProblems(settings: AugmentationSettings): string[] {
  const { scaling, elastic, noise, blur, brightness, contrast, lowResolution, gamma, gammaInverted } = settings;
  const { operator, removal } = settings.previousStage;
  return [
    ...chancesIn(settings).flatMap(([path, chance]) => within(path, [chance, chance], 0, 1)),
    ...within('scaling.factor', scaling.factor, 0.01, 100),
    ...within('noise.sigma', noise.sigma, 0),
    ...within('blur.sigma', blur.sigma, 0.01),
    ...aroundOne('brightness.factor', brightness.factor),
    ...aroundOne('contrast.factor', contrast.factor),
    ...aroundOne('gamma.exponent', gamma.exponent),
    ...aroundOne('gammaInverted.exponent', gammaInverted.exponent),
    ...within('lowResolution.zoom', lowResolution.zoom, 0.01, 1),
    ...(elastic ? within('elastic.sigma', elastic.sigma, 0.1) : []),
    ...(elastic ? within('elastic.amplitude.2', elastic.amplitude[2], 0) : []),
    ...(elastic ? within('elastic.amplitude.3', elastic.amplitude[3], 0) : []),
    ...within('previousStage.operator.radius', operator.radius, 0.5),
    ...within('previousStage.removal.largestShare', [removal.largestShare, removal.largestShare], 0, 1),
  ];
}

/** Every `chance…` of the settings, however deep, with its path. */
function chancesIn(settings: object, above = ''): [string, number][] {
  return Object.entries(settings).flatMap(([key, value]): [string, number][] => {
    if (key.startsWith('chance')) return [[`${above}${key}`, value]];
    return typeof value === 'object' && value !== null ? chancesIn(value, `${above}${key}.`) : [];
  });
}

function within(path: string, [low, high]: Range, least: number, most = Number.POSITIVE_INFINITY): string[] {
  if (low >= least && high <= most && low <= high) return [];
  const upTo = most === Number.POSITIVE_INFINITY ? `at least ${least}` : `from ${least} to ${most}`;
  return [`augmentation.${path}: expected ${low === high ? 'a number' : 'low to high'} ${upTo}, got ${low}, ${high}`];
}

const aroundOne = (path: string, [low, high]: Range): string[] =>
  low > 0 && low <= 1 && high >= 1
    ? []
    : [`augmentation.${path}: expected a range above 0 that holds 1, got ${low}, ${high}`];
