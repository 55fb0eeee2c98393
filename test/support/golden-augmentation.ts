// Reads the reference data in golden/augmentation: batchgeneratorsv2 0.3.6 transforms with fixed parameters on
// input_2d.npz and input_3d.npz.

import { existsSync, readFileSync } from 'node:fs';
import type { Patch } from '#core/augmentation/patch.ts';
import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { type NpyArray, readNpz } from './npy.ts';
import { sharedPath } from './shared.ts';

export interface Params {
  angles_deg_per_axis: number[] | null;
  scale: number | null;
  center_location_in_pixels: number[];
  affine: number[][] | null;
  angle_deg: number;
  apply_to_channel: (number | boolean)[];
  sigmas_of_applied_channels_per_axis: number[][];
  kernels: number[][][];
  multipliers: number[];
  scales: number[][];
  gamma: number[];
  axes: number[];
  runs: unknown[];
  out_two_in_order: [string, number, number][];
}

export interface AugmentationCase {
  file: string;
  input: string;
  init: { patch_size: number[]; ds_scales: number[][]; apply_to_channels: number[]; regions: LabelOrRegion[] };
  params: Params;
}

export const path = (file: string): string => sharedPath(`golden/augmentation/${file}`);
const arrays = new Map<string, Map<string, NpyArray>>();

export function load(file: string, name: string): NpyArray {
  const loaded = arrays.get(file) ?? readNpz(readFileSync(path(file)));
  arrays.set(file, loaded);
  const array = loaded.get(name);
  if (!array) throw new RangeError(`${file} has no array ${name}, only ${[...loaded.keys()]}`);
  return array;
}

/** The input's image with segmentation channel 0 as its label; channel 1 is a previous stage's. */
export function inputPatch(file: string): Patch {
  const image = load(file, 'image');
  const [channels = 0, ...shape] = image.shape;
  const segmentation = load(file, 'segmentation').data as Int16Array;
  const [label, map] = [0, 1].map((i) =>
    segmentation.slice((i * segmentation.length) / 2, ((i + 1) * segmentation.length) / 2),
  );
  if (!label || !map) throw new RangeError(`${file} has no two segmentation channels`);
  return { channels, shape, image: image.data as Float32Array, label, previousStage: { map, labels: [1, 2] } };
}

export const firstChannel = ({ shape, data }: NpyArray): Int16Array =>
  (data as Int16Array).slice(0, data.length / (shape[0] ?? 1));

/** The cases whose file a pattern matches; none where the data is absent, since titles are made before a skip. */
export function casesNamed(pattern: RegExp): AugmentationCase[] {
  const list = path('cases.json');
  const all = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as AugmentationCase[]) : [];
  return all.filter(({ file }) => pattern.test(file));
}
