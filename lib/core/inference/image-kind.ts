import type { Shape, Spacing } from '#core/geometry/axes.ts';

/** An image as far as its kind goes. */
interface Extent {
  readonly shape: Shape<'zyx'>;
  readonly spacing: Spacing<'zyx'>;
}

/** What is looked at of a model's plans. */
export interface PlannedKind {
  /** After cropping; 1 on an axis of data sets of 2D images. */
  readonly originalMedianShape: Shape<'net'>;
  readonly configurations: readonly { readonly name: string; readonly patchSize: readonly number[] }[];
}

/** What is odd about an image for a model: `fault` where no sensible prediction can come of it. */
export interface KindMismatch {
  readonly kind: 'fault' | 'warning';
  readonly message: string;
}

/** Readers give an image of two axes a slice at least so many times thicker than its pixels are wide. */
const NO_THICKNESS = 999;

/**
 * Whether an image has the axes that a model was trained on.
 *
 * nnU-Net takes a 2D image for a slice 999 pixels thick, and a 3D configuration resamples that into hundreds of equal
 * slices; a model of pictures takes the millimetres of a volume for pixels.
 *
 * @param members the configurations of the model that vote.
 * @returns `null` when it has.
 */
export function imageKindMismatch(
  { shape, spacing }: Extent,
  { originalMedianShape, configurations }: PlannedKind,
  members: readonly string[],
): KindMismatch | null {
  const volumetric = configurations.find(({ name, patchSize }) => members.includes(name) && patchSize.length === 3);
  if (volumetric !== undefined && shape.includes(1)) {
    const message = `the image is a single slice, and ${volumetric.name} of the model segments volumes`;
    return hasNoThickness({ shape, spacing })
      ? { kind: 'fault', message: `${message}; take a model of 2D images, or give the whole volume` }
      : { kind: 'warning', message };
  }
  if (shape.includes(1) || !originalMedianShape.includes(1)) return null;
  const message = `the image is a volume, and the model was trained on 2D images; each of its ${shape[0]} slices is segmented by itself`;
  return { kind: 'warning', message };
}

const hasNoThickness = ({ shape: [slices], spacing: [z, y, x] }: Extent): boolean =>
  slices === 1 && z >= NO_THICKNESS * Math.max(y, x);
