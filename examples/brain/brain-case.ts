// One made-up head: a cerebrum with a folded grey shell around white matter, a cerebellum built likewise behind and below
// it, and a brainstem under both, in a soft surrounding, on a grid of its own.

import { philoxNormals } from '#core/random/philox.ts';
import { RandomStream } from '#core/random/random-stream.ts';
import { depthIn, drawBias, type Ellipsoid, type Grid, type MadeCase, type Point } from '../made-case.ts';

/** Names of the labels 1, 2, 3, …: where something lies in two, the first that has it. */
export const LABELS = [
  'cortical_gray_matter',
  'cortical_white_matter',
  'cerebellum_gray',
  'cerebellum_white',
  'brainstem',
] as const;

interface Head {
  readonly scalp: Ellipsoid;
  readonly cerebrum: Ellipsoid;
  readonly cerebellum: Ellipsoid;
  readonly brainstem: Ellipsoid;
  /** Folds around the head, how deep as a share of the radius, and where they begin. */
  readonly folds: number;
  readonly foldDepth: number;
  readonly foldPhase: number;
}

/** Where white matter begins, as a share of the radius. */
const WHITE_FROM = { cerebrum: 0.72, cerebellum: 0.55 };
/** By label; 0 is what lies inside the scalp and is none. */
const BRIGHTNESS = [60, 110, 165, 118, 158, 140];
const SCALP = 200;
const NOISE = 7;

export function brainCase(seed: number, index: number): MadeCase {
  const random = new RandomStream(seed, index);
  const mm = random.uniform(4.6, 5.4);
  const shape: Point = [random.integer(28, 32), random.integer(34, 38), random.integer(28, 32)];
  const grid = { shape, spacing: [mm, mm, mm] as Point };
  const head = drawHead(random, grid);
  const bias = drawBias(random, grid);
  const noise = philoxNormals(random.key(), shape[0] * shape[1] * shape[2]);
  const image = new Float32Array(noise.length);
  const label = new Uint8Array(noise.length);
  let i = 0;
  for (let z = 0; z < shape[0]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[2]; x++, i++) {
        const point: Point = [z * mm, y * mm, x * mm];
        if (depthIn(head.scalp, point) > 1) continue;
        const part = partAt(head, point);
        label[i] = part;
        const clean = depthIn(head.scalp, point) > 0.92 ? SCALP : (BRIGHTNESS[part] ?? 0);
        image[i] = Math.max(1, Math.round(bias(point) * clean + NOISE * (noise[i] ?? 0)));
      }
  return {
    ...grid,
    origin: [random.uniform(-80, -60), random.uniform(-90, -70), random.uniform(-80, -60)],
    image,
    label,
  };
}

/** z goes up, y from front to back. */
function drawHead(random: RandomStream, { shape, spacing }: Grid): Head {
  const at = (z: number, y: number, x: number): Point => {
    const shares = [z, y, x].map((share) => share + random.uniform(-0.015, 0.015));
    const [dz = 0, dy = 0, dx = 0] = shares.map((share, axis) => share * (shape[axis] ?? 0) * (spacing[axis] ?? 0));
    return [dz, dy, dx];
  };
  return {
    scalp: { centre: at(0.5, 0.5, 0.5), radii: at(0.48, 0.48, 0.48) },
    cerebrum: { centre: at(0.58, 0.48, 0.5), radii: at(0.32, 0.38, 0.36) },
    cerebellum: { centre: at(0.24, 0.66, 0.5), radii: at(0.15, 0.17, 0.24) },
    brainstem: { centre: at(0.24, 0.44, 0.5), radii: at(0.18, 0.09, 0.1) },
    folds: random.integer(7, 10),
    foldDepth: random.uniform(0.04, 0.08),
    foldPhase: random.uniform(0, 2 * Math.PI),
  };
}

/** 0, or the place of a name in LABELS, counted from 1. */
function partAt(head: Head, point: Point): number {
  const { cerebrum, cerebellum, brainstem, folds, foldDepth, foldPhase } = head;
  const around = Math.atan2(point[1] - cerebrum.centre[1], point[2] - cerebrum.centre[2]);
  const inCerebrum = depthIn(cerebrum, point) * (1 + foldDepth * Math.sin(folds * around + foldPhase));
  if (inCerebrum <= 1) return inCerebrum > WHITE_FROM.cerebrum ? 1 : 2;
  const inCerebellum = depthIn(cerebellum, point);
  if (inCerebellum <= 1) return inCerebellum > WHITE_FROM.cerebellum ? 3 : 4;
  return depthIn(brainstem, point) <= 1 ? 5 : 0;
}
