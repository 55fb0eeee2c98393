// One made-up case: a bent, tapering body in two touching parts, in a soft background, on a grid of its own.

import { philoxNormals } from '#core/random/philox.ts';
import { RandomStream } from '#core/random/random-stream.ts';
import { depthIn, drawBias, type Ellipsoid, type Grid, type MadeCase, type Point } from '../made-case.ts';

interface Anatomy {
  readonly centre: Point;
  /** Rotation in the y-x plane, radians. */
  readonly angle: number;
  /** Half extents in mm: across slices, across, along. */
  readonly radii: Point;
  /** Sideways shift at the ends, mm. */
  readonly bend: number;
  /** Share by which the far end is thinner. */
  readonly taper: number;
  /** Where along the body, in -1..1, the parts meet, and how much that border leans. */
  readonly cut: number;
  readonly lean: number;
  readonly decoys: readonly Ellipsoid[];
}

const BRIGHTNESS = { background: 90, anterior: 170, posterior: 140, noise: 10 };

export function phantomCase(seed: number, index: number): MadeCase {
  const random = new RandomStream(seed, index);
  const shape: Point = [random.integer(18, 22), random.integer(44, 54), random.integer(40, 50)];
  const spacing: Point = [random.uniform(2, 2.6), random.uniform(0.9, 1.1), 0];
  const grid = { shape, spacing: [spacing[0], spacing[1], spacing[1]] as Point };
  const anatomy = drawAnatomy(random, grid);
  const emptyBorder = random.chance(0.4) ? random.integer(1, 3) : 0;
  const bias = drawBias(random, grid);
  const noise = philoxNormals(random.key(), shape[0] * shape[1] * shape[2]);

  const image = new Float32Array(noise.length);
  const label = new Uint8Array(noise.length);
  let i = 0;
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[2]; x++, i++) {
        if (isBorder([z, y, x], shape, emptyBorder)) continue;
        const point: Point = [z * grid.spacing[0], y * grid.spacing[1], x * grid.spacing[2]];
        const part = partAt(anatomy, point);
        label[i] = part;
        const clean = bias(point) * brightnessAt(anatomy, part, point);
        image[i] = Math.max(1, Math.round(clean + BRIGHTNESS.noise * (noise[i] ?? 0)));
      }
  const origin: Point = [random.uniform(-60, -20), random.uniform(-60, -20), random.uniform(-40, 0)];
  return { ...grid, origin, image, label };
}

function drawAnatomy(random: RandomStream, grid: Grid): Anatomy {
  const extent = grid.shape.map((n, axis) => n * (grid.spacing[axis] ?? 0));
  const near = (axis: number, jitter: number) => (extent[axis] ?? 0) / 2 + random.uniform(-jitter, jitter);
  return {
    centre: [near(0, 3), near(1, 4), near(2, 4)],
    angle: random.uniform(-0.6, 0.6),
    radii: [random.uniform(9, 12), random.uniform(7, 9.5), random.uniform(13, 17)],
    bend: random.uniform(-5, 5),
    taper: random.uniform(0.1, 0.35),
    cut: random.uniform(-0.15, 0.25),
    lean: random.uniform(-0.3, 0.3),
    decoys: random.chance(0.6) ? [drawDecoy(random, extent), drawDecoy(random, extent)] : [],
  };
}

function drawDecoy(random: RandomStream, extent: readonly number[]): Ellipsoid {
  const corner = (axis: number) => (random.chance(0.5) ? 0.12 : 0.88) * (extent[axis] ?? 0);
  const radius = random.uniform(2.5, 4.5);
  return { centre: [corner(0), corner(1), corner(2)], radii: [radius * 1.5, radius, radius] };
}

/** 0 background, 1 anterior, 2 posterior. */
function partAt(anatomy: Anatomy, point: Point): 0 | 1 | 2 {
  const dz = point[0] - anatomy.centre[0];
  const dy = point[1] - anatomy.centre[1];
  const dx = point[2] - anatomy.centre[2];
  const along = (Math.cos(anatomy.angle) * dx + Math.sin(anatomy.angle) * dy) / anatomy.radii[2];
  const thickness = 1 - anatomy.taper * (along + 1) * 0.5;
  const sideways = -Math.sin(anatomy.angle) * dx + Math.cos(anatomy.angle) * dy - anatomy.bend * along * along;
  const across = sideways / (anatomy.radii[1] * thickness);
  const height = dz / (anatomy.radii[0] * thickness);
  if (along * along + across * across + height * height > 1) return 0;
  return along + anatomy.lean * across < anatomy.cut ? 1 : 2;
}

function brightnessAt(anatomy: Anatomy, part: 0 | 1 | 2, point: Point): number {
  if (part === 1) return BRIGHTNESS.anterior;
  if (part === 2) return BRIGHTNESS.posterior;
  return anatomy.decoys.some((decoy) => depthIn(decoy, point) <= 1) ? BRIGHTNESS.anterior : BRIGHTNESS.background;
}

const isBorder = (index: Point, shape: Point, width: number): boolean =>
  index.some((i, axis) => axis > 0 && (i < width || i >= (shape[axis] ?? 0) - width));
