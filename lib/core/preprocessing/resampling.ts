import { inAxesOf, product, type Shape, type Spacing } from '#core/geometry/axes.ts';
import { roundHalfEven } from '#core/geometry/rounding.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import type { ResamplingOptions } from '#core/planning/plans.ts';
import { axisInterpolation, interpolateAxis, linearNeighbours, nearestSample } from './axis-interpolation.ts';
import { separateAxis } from './separate-axis.ts';

/** From one grid to another over the same extent. */
export interface GridChange {
  readonly fromShape: Shape<'net'>;
  readonly fromSpacing: Spacing<'net'>;
  readonly toShape: Shape<'net'>;
  readonly toSpacing: Spacing<'net'>;
}

/**
 * The extent after resampling: per axis old spacing / new spacing * old extent, rounded half to even.
 *
 * @see nnU-Net v2, preprocessing/resampling/default_resampling.py, compute_new_shape
 */
export const resampledShape = (
  shape: Shape<'net'>,
  spacing: Spacing<'net'>,
  newSpacing: Spacing<'net'>,
): Shape<'net'> =>
  inAxesOf(
    shape,
    shape.map((n, axis) => roundHalfEven(((spacing[axis] ?? 0) / (newSpacing[axis] ?? 0)) * n)),
  );

/** Resamples every channel; see `resampleChannel`. */
export function resampleImage(
  image: Image<'net'>,
  toShape: Shape<'net'>,
  toSpacing: Spacing<'net'>,
  options: ResamplingOptions,
): Image<'net'> {
  const change = { fromShape: image.shape, fromSpacing: image.spacing, toShape, toSpacing };
  const voxels = product(image.shape);
  const data = new Float32Array(image.channels * product(toShape));
  for (let c = 0; c < image.channels; c++) {
    data.set(resampleChannel(image.data.subarray(c * voxels, (c + 1) * voxels), change, options), c * product(toShape));
  }
  return { channels: image.channels, shape: toShape, spacing: toSpacing, data };
}

/**
 * Resamples one scalar volume: an image channel (order 3) or the logits of a head (order 1).
 *
 * Interpolated axis by axis in float64 and clipped to the range of what came in. Where slices lie far apart
 * (`separateAxis`), each is resampled and clipped by itself, and then the slices by `orderZ`: 0 takes the nearest.
 * Equal shapes give back the same voxels, uncopied.
 *
 * @see nnU-Net v2, preprocessing/resampling/default_resampling.py, resample_data_or_seg
 */
export function resampleChannel(voxels: Float32Array, change: GridChange, options: ResamplingOptions): Float32Array {
  const { fromShape, toShape } = change;
  if (fromShape.join() === toShape.join()) return voxels;
  const separate = separateAxis(change.fromSpacing, change.toSpacing, options.forceSeparateZ);
  const together = [0, 1, 2].filter((axis) => axis !== separate);
  const inPlane = interpolate(voxels, fromShape, toShape, together, options.order);
  clipSlices(inPlane.data, inPlane.shape, voxels, fromShape, separate);
  const whole =
    separate === null ? inPlane : interpolate(inPlane.data, inPlane.shape, toShape, [separate], options.orderZ);
  return new Float32Array(whole.data);
}

type Triple = readonly [number, number, number];

interface Interpolated {
  readonly shape: Triple;
  readonly data: Float64Array;
}

function interpolate(
  voxels: Float32Array | Float64Array,
  fromShape: Triple,
  toShape: Triple,
  axes: readonly number[],
  order: 0 | 1 | 3,
): Interpolated {
  const growth = (axis: number): number => (toShape[axis] ?? 1) / (fromShape[axis] ?? 1);
  let data = voxels;
  let shape = fromShape;
  // Shrinking axes first: what lies in between is never larger than both ends.
  for (const axis of [...axes].sort((a, b) => growth(a) - growth(b))) {
    const outputs = toShape[axis] ?? 1;
    if (outputs === shape[axis]) continue;
    data = interpolateAxis(data, shape, axis, axisInterpolation(shape[axis] ?? 1, outputs, order));
    shape = withExtent(shape, axis, outputs);
  }
  return { shape, data: data instanceof Float64Array ? data : new Float64Array(data) };
}

const withExtent = ([a, b, c]: Triple, axis: number, extent: number): Triple => [
  axis === 0 ? extent : a,
  axis === 1 ? extent : b,
  axis === 2 ? extent : c,
];

/**
 * Clips `data` to the range of `source`, in place: a cubic overshoots. With an axis, slice by slice along it; both have
 * the same extent there.
 */
function clipSlices(
  data: Float64Array,
  shape: Triple,
  source: Float32Array,
  sourceShape: Triple,
  axis: number | null,
): void {
  const slices = axis === null ? 1 : (sourceShape[axis] ?? 1);
  const low = new Float64Array(slices).fill(Number.POSITIVE_INFINITY);
  const high = new Float64Array(slices).fill(Number.NEGATIVE_INFINITY);
  const sourceStride = axis === null ? source.length : strideOf(sourceShape, axis);
  for (let i = 0; i < source.length; i++) {
    const slice = Math.floor(i / sourceStride) % slices;
    const value = source[i] as number;
    if (value < (low[slice] as number)) low[slice] = value;
    if (value > (high[slice] as number)) high[slice] = value;
  }
  const stride = axis === null ? data.length : strideOf(shape, axis);
  for (let i = 0; i < data.length; i++) {
    const slice = Math.floor(i / stride) % slices;
    const value = data[i] as number;
    if (value < (low[slice] as number)) data[i] = low[slice] as number;
    else if (value > (high[slice] as number)) data[i] = high[slice] as number;
  }
}

const strideOf = (shape: Triple, axis: number): number => product(shape.slice(axis + 1));

/**
 * Resamples a label map, -1 included.
 *
 * Order 1: each label's 0/1 mask is interpolated linearly and a voxel takes the label whose mask is highest there. Of
 * equal ones it takes the nearest voxel's (halfway: the later voxel's), or if that is not among them the lowest: 1, 2, 2,
 * 0 to two voxels gives 2, 0. Where slices lie far apart, each by itself, and then the nearest slice. Order 0 is the
 * nearest voxel.
 *
 * @throws {RangeError} for orders that do not keep labels whole: 3, and an `orderZ` above 0.
 * @see nnU-Net v2, preprocessing/resampling/default_resampling.py; batchgenerators, resize_segmentation
 */
export function resampleLabels(
  label: LabelMap<'net'>,
  toShape: Shape<'net'>,
  toSpacing: Spacing<'net'>,
  options: ResamplingOptions,
): LabelMap<'net'> {
  if (label.shape.join() === toShape.join()) return { ...label, spacing: toSpacing };
  const separate = separateAxis(label.spacing, toSpacing, options.forceSeparateZ);
  if (options.order === 3 || (separate !== null && options.orderZ !== 0)) {
    throw new RangeError(
      `labels are resampled with order 0 or 1 and orderZ 0, got ${options.order} and ${options.orderZ}`,
    );
  }
  const linear = (axis: number): boolean => options.order === 1 && axis !== separate;
  const [z, y, x] = [0, 1, 2].map((axis) => neighbours(label.shape[axis] ?? 1, toShape[axis] ?? 1, linear(axis)));
  if (!z || !y || !x) throw new RangeError('a label map has three axes');
  return { shape: toShape, spacing: toSpacing, data: vote(label, toShape, z, y, x) };
}

/** Per output: the two samples it lies between (the same one twice for order 0), their weights, and the nearer one. */
interface Neighbours {
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly nearest: Int32Array;
  readonly leftWeight: Float64Array;
  readonly rightWeight: Float64Array;
}

function neighbours(inputs: number, outputs: number, linear: boolean): Neighbours {
  const left = new Int32Array(outputs);
  const right = new Int32Array(outputs);
  const nearest = new Int32Array(outputs);
  const leftWeight = new Float64Array(outputs);
  const rightWeight = new Float64Array(outputs);
  for (let i = 0; i < outputs; i++) {
    const closest = nearestSample(i, inputs, outputs);
    const [a, b, share] = linear ? linearNeighbours(i, inputs, outputs) : ([closest, closest, 0] as const);
    nearest[i] = closest;
    left[i] = a;
    right[i] = b;
    leftWeight[i] = 1 - share;
    rightWeight[i] = share;
  }
  return { left, right, nearest, leftWeight, rightWeight };
}

/** Each voxel by the weights of the eight labels about it. */
function vote(
  { shape, data }: LabelMap<'net'>,
  [nz, ny, nx]: Triple,
  z: Neighbours,
  y: Neighbours,
  x: Neighbours,
): Int16Array {
  const out = new Int16Array(nz * ny * nx);
  const labels = new Int16Array(8);
  const weights = new Float64Array(8);
  const [, height, width] = shape;
  let at = 0;
  for (let k = 0; k < nz; k++) {
    for (let j = 0; j < ny; j++) {
      const rows = [
        ((z.left[k] as number) * height + (y.left[j] as number)) * width,
        ((z.left[k] as number) * height + (y.right[j] as number)) * width,
        ((z.right[k] as number) * height + (y.left[j] as number)) * width,
        ((z.right[k] as number) * height + (y.right[j] as number)) * width,
      ];
      const rowWeights = [
        (z.leftWeight[k] as number) * (y.leftWeight[j] as number),
        (z.leftWeight[k] as number) * (y.rightWeight[j] as number),
        (z.rightWeight[k] as number) * (y.leftWeight[j] as number),
        (z.rightWeight[k] as number) * (y.rightWeight[j] as number),
      ];
      const nearestRow = ((z.nearest[k] as number) * height + (y.nearest[j] as number)) * width;
      for (let i = 0; i < nx; i++) {
        for (let row = 0; row < 4; row++) {
          labels[2 * row] = data[(rows[row] as number) + (x.left[i] as number)] as number;
          labels[2 * row + 1] = data[(rows[row] as number) + (x.right[i] as number)] as number;
          weights[2 * row] = (rowWeights[row] as number) * (x.leftWeight[i] as number);
          weights[2 * row + 1] = (rowWeights[row] as number) * (x.rightWeight[i] as number);
        }
        out[at++] = winner(labels, weights, data[nearestRow + (x.nearest[i] as number)] as number);
      }
    }
  }
  return out;
}

/** The label with the most weight; of several equal ones the nearest voxel's, or if that is not among them the lowest. */
function winner(labels: Int16Array, weights: Float64Array, nearest: number): number {
  let best = labels[0] as number;
  let most = 0;
  for (let candidate = 0; candidate < 8; candidate++) {
    const label = labels[candidate] as number;
    if (candidate > 0 && label === best) continue;
    let sum = 0;
    // In C order and weight by weight, so that sums round, and so tie, as they do in the reference.
    for (let i = 0; i < 8; i++) if (labels[i] === label) sum += weights[i] as number;
    const winsTie = label === nearest || (best !== nearest && label < best);
    if (sum > most || (sum === most && winsTie)) best = label;
    most = Math.max(most, sum);
  }
  return best;
}
