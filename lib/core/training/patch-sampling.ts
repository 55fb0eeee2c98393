import { isEverythingJudged } from '#core/preprocessing/foreground-locations.ts';
import type { ClassLocations } from '#core/preprocessing/preprocessed-case.ts';
import type { RandomStream } from '#core/random/random-stream.ts';

/** First voxel of a patch in its case, network order; may lie outside. */
export type Corner = readonly [number, number, number];

/** What is needed of a case to draw a patch from it. */
export interface SampledCase {
  /** Network order. */
  readonly shape: readonly [number, number, number];
  readonly classLocations: readonly ClassLocations[];
}

/** Extents of a patch, 2 or 3 axes: as read from the case, and as the network sees it. */
export interface PatchExtent {
  readonly initial: readonly number[];
  readonly final: readonly number[];
}

/**
 * Where a patch may start along one axis, both ends included.
 *
 * The initial patch may reach outside by half of what it exceeds the final patch by, or by half of what the case lacks,
 * whichever is more: case 36, initial 73, final 40 starts at -19 or -18.
 *
 * @see nnU-Net v2, nnUNetDataLoader.get_bbox
 */
export function startRange(shape: number, initial: number, final: number): readonly [low: number, high: number] {
  const padding = Math.max(initial - final, initial - shape);
  const outside = Math.ceil(padding / 2);
  return [0 - outside, shape + outside - initial]; // 0 - 0 is 0, -0 would be another number
}

/**
 * A patch's corner, drawn.
 *
 * Forced: centred on a stored voxel of a class drawn among those the case has, not before the range's low end, but
 * possibly past its high end (nnU-Net clamps one side only). Not forced, or no foreground: evenly within the range; but
 * where voxels are marked to be ignored, centred on one that is not.
 *
 * @param forced whether the patch must hold foreground.
 */
export function drawCorner(from: SampledCase, extent: PatchExtent, forced: boolean, random: RandomStream): Corner {
  const initial = asVolume(extent.initial);
  const final = asVolume(extent.final);
  const ranges = from.shape.map((shape, axis) => startRange(shape, at(initial, axis), at(final, axis)));
  const centre = drawCentre(from.classLocations, forced, random);
  return perAxis((axis) => {
    const [low, high] = ranges[axis] ?? [0, 0];
    return centre ? forcedStart(low, at(centre, axis), at(initial, axis)) : random.integer(low, high);
  });
}

/** Start that centres the initial patch on a voxel, without leaving the range at its low end. */
export const forcedStart = (low: number, voxel: number, initial: number): number =>
  Math.max(low, voxel - Math.floor(initial / 2));

/** `null`: nothing to centre on. */
function drawCentre(classes: readonly ClassLocations[], forced: boolean, random: RandomStream): Corner | null {
  const present = classes.filter(({ locations }) => locations.length > 0);
  const foreground = present.filter(({ label }) => !isEverythingJudged(label));
  const eligible = forced && foreground.length > 0 ? foreground : present.filter((one) => !foreground.includes(one));
  if (eligible.length === 0) return null;
  const locations = eligible[random.integer(0, eligible.length - 1)]?.locations ?? new Int32Array();
  const voxel = random.integer(0, locations.length / 3 - 1);
  return perAxis((axis) => at(locations, voxel * 3 + axis));
}

/** A 2D patch is one slice of the volume. */
const asVolume = (extent: readonly number[]): Corner =>
  perAxis((axis) => (extent.length === 2 ? (axis === 0 ? 1 : at(extent, axis - 1)) : at(extent, axis)));

const perAxis = (value: (axis: number) => number): Corner => [value(0), value(1), value(2)];

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`expected at least ${index + 1} entries, got ${values.length}`);
  return value;
}
