// What the made-up data sets share: a case as arrays, how it becomes a file, and the nuisances of an image.

import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import type { RandomStream } from '#core/random/random-stream.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry, type NiftiGeometry } from '#formats/nifti-geometry.ts';

/** (z, y, x) */
export type Point = readonly [number, number, number];

export interface Grid {
  readonly shape: Point;
  /** In mm. */
  readonly spacing: Point;
}

/** One made-up case; arrays in C order. */
export interface MadeCase extends Grid {
  /** In mm. */
  readonly origin: Point;
  readonly image: Float32Array;
  readonly label: Uint8Array;
}

export interface Ellipsoid {
  readonly centre: Point;
  readonly radii: Point;
}

const BIAS_AMPLITUDE = 0.12; // of each of two waves

/** A case's image or label as a NIfTI file. */
export const niftiOf = (made: MadeCase, data: Float32Array | Uint8Array): Uint8Array =>
  writeNifti(data, shapeZyx(...made.shape), geometryOf(made));

function geometryOf({ spacing, origin }: MadeCase): NiftiGeometry {
  const atZero = axisAlignedGeometry(spacingZyx(...spacing));
  const [z, y, x] = origin;
  return { ...atZero, qformOffset: [x, y, z], sform: atZero.sform.with(3, x).with(7, y).with(11, z) };
}

/** A slow multiplicative field around 1: two waves, about one period over the image each. */
export function drawBias(random: RandomStream, grid: Grid): (point: Point) => number {
  const wave = () => ({
    phase: random.uniform(0, 2 * Math.PI),
    rate: grid.shape.map((n, axis) => (random.uniform(-1, 1) * Math.PI) / (n * (grid.spacing[axis] ?? 1))),
  });
  const waves = [wave(), wave()];
  return (point) =>
    waves.reduce((product, { phase, rate }) => {
      const angle = rate.reduce((sum, r, axis) => sum + r * (point[axis] ?? 0), phase);
      return product * (1 + BIAS_AMPLITUDE * Math.sin(angle));
    }, 1);
}

/** Distance from the centre as a share of the way to the surface: 0 at the centre, 1 on the surface. */
export const depthIn = ({ centre, radii }: Ellipsoid, point: Point): number =>
  Math.sqrt(point.reduce((sum, p, axis) => sum + ((p - (centre[axis] ?? 0)) / (radii[axis] ?? 1)) ** 2, 0));
