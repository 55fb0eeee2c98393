// Everything random about a batch, as data. Drawn in `draw-batch-plan.ts` from (seed, epoch, iteration, sample) by a
// counter-based generator, so a batch is the same whenever and on whatever engine it is made.

/** One training or validation batch: which voxels of which cases, and what happens to them. */
export interface BatchPlan {
  /** Extent the network sees, network order, 2 or 3 axes. */
  readonly patchSize: readonly number[];
  /** Extent read from the case before the spatial transform; at least `patchSize`. Same number of axes. */
  readonly initialPatchSize: readonly number[];
  readonly samples: readonly SamplePlan[];
}

export interface SamplePlan {
  /** Index into the training's `cases`. */
  readonly caseIndex: number;
  /**
   * First voxel of the initial patch in the case, network order, always 3 axes (a case is a volume). May be negative
   * and may reach past the end: image 0 and label -1 outside. For 2 axes of patch, entry 0 is the slice.
   */
  readonly corner: readonly [number, number, number];
  /** `null`: the initial patch is the patch, nothing is changed but label -1 → 0 (validation). */
  readonly augmentation: AugmentationPlan | null;
}

/** Parameters of one sample's augmentation. Applied in the order of the fields; `null` means not drawn. */
export interface AugmentationPlan {
  /** `null`: centre crop, start = floor(initial / 2) - floor(patch / 2). */
  readonly spatial: SpatialPlan | null;
  readonly noise: NoisePlan | null;
  /** Per channel: Gaussian sigma in voxels per axis, or `null` for an untouched channel. */
  readonly blur: readonly (readonly number[] | null)[] | null;
  /** Per channel factor. */
  readonly brightness: readonly number[] | null;
  /** Per channel factor about the channel's mean, clipped to its old range. */
  readonly contrast: readonly number[] | null;
  /** Per channel zoom in (0, 1], or `null`; `ignoreFirstAxis` keeps axis 0 (dummy 2D). */
  readonly lowResolution: {
    readonly zoom: readonly (number | null)[];
    readonly ignoreFirstAxis: boolean;
  } | null;
  /** Per channel exponent on the negated image, mean and standard deviation kept. */
  readonly gammaInverted: readonly number[] | null;
  /** Per channel exponent, mean and standard deviation kept. */
  readonly gamma: readonly number[] | null;
  /** Axes to flip, image and label, as indices into `patchSize`. */
  readonly mirrorAxes: readonly number[];
  /** Channels set to 0 where the label is below 0 (those normalised inside the nonzero mask). */
  readonly maskedChannels: readonly number[];
  /** `null`: the network has no previous stage. */
  readonly previousStage: PreviousStagePlan | null;
}

/**
 * What happens to the previous stage's labels once they are one-hot: first the operators, in order, then the removals.
 * Channels count the foreground labels from 0.
 */
export interface PreviousStagePlan {
  readonly operators: readonly BinaryOperatorPlan[];
  readonly removals: readonly ComponentRemovalPlan[];
}

export type BinaryOperator = 'dilation' | 'erosion' | 'closing' | 'opening';

/** With a ball (3 axes) or a disk; voxels that it adds to the channel are taken from the others. */
export interface BinaryOperatorPlan {
  readonly channel: number;
  readonly operator: BinaryOperator;
  /** Voxels; need not be whole. */
  readonly radius: number;
}

/** Of the components smaller than `largestShare` of the patch, by ascending first voxel, number floor(pick * count) goes. */
export interface ComponentRemovalPlan {
  readonly channel: number;
  /** In [0, 1). */
  readonly pick: number;
  readonly largestShare: number;
}

/**
 * Deformation, rotation and scaling about the centre: the patch point p samples the initial patch at
 * centre + matrix * (p + displacement(p) - mean displacement).
 */
export interface SpatialPlan {
  /**
   * Row-major d x d, d = patch axes; for `dummy2d`, 2 x 2 on the last two axes of a 3-axis patch (axis 0 is cropped at
   * its centre, every slice gets the same transform).
   */
  readonly matrix: readonly number[];
  readonly dummy2d: boolean;
  /** `null`: no displacement. */
  readonly elastic: ElasticPlan | null;
}

/**
 * A smooth random displacement, in voxels, of every point of the patch (of a slice, for `dummy2d`, the same for all).
 *
 * Value i of the (d, ...patch) array is `amplitude` times standard normal number i of the stream `key`, as for noise; each
 * of the d fields is then smoothed along every axis by a Gaussian of `sigma` voxels, cut at 4 sigma, with 0 outside.
 */
export interface ElasticPlan {
  readonly amplitude: number;
  readonly sigma: number;
  readonly key: readonly [number, number];
}

/**
 * Additive Gaussian noise: value i of the sample's (C, ...patch) array gets `sigma` times standard normal number i of
 * the Philox4x32-10 stream `key` (see `lib/core/random/philox.ts`, `philoxNormal`).
 */
export interface NoisePlan {
  readonly sigma: number;
  readonly key: readonly [number, number];
}
