// Golden values: batchgeneratorsv2 0.3.6 transforms with fixed parameters on input_2d.npz and input_3d.npz; tolerances
// from the README beside them.

import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { blurChannel, blurKernel } from '#core/augmentation/blur.ts';
import { downsampleLabels } from '#core/augmentation/deep-supervision-targets.ts';
import { brighten, correctGamma, correctGammaInverted, stretchContrast } from '#core/augmentation/intensity.ts';
import { simulateLowResolution } from '#core/augmentation/low-resolution.ts';
import { masked, withoutOutside } from '#core/augmentation/mask.ts';
import { flip } from '#core/augmentation/mirror.ts';
import { centreCrop, cutBox, mapChannels, type Patch } from '#core/augmentation/patch.ts';
import { affine2d, affine3d } from '#core/augmentation/rotation.ts';
import { transformPatch, warpImage, warpLabels } from '#core/augmentation/spatial.ts';
import { assertClose } from '#test/assert-close.ts';
import { type NpyArray, readNpz } from '#test/npy.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

interface Params {
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
}

interface Case {
  file: string;
  input: string;
  init: { patch_size: number[]; ds_scales: number[][]; apply_to_channels: number[] };
  params: Params;
}

const path = (file: string): string => sharedPath(`golden/augmentation/${file}`);
const arrays = new Map<string, Map<string, NpyArray>>();

function load(file: string, name: string): NpyArray {
  const loaded = arrays.get(file) ?? readNpz(readFileSync(path(file)));
  arrays.set(file, loaded);
  const array = loaded.get(name);
  if (!array) throw new RangeError(`${file} has no array ${name}, only ${[...loaded.keys()]}`);
  return array;
}

/** The input's image with segmentation channel 0 as its label; channel 1 is the previous stage's, for the cascade. */
function inputPatch(file: string): Patch {
  const image = load(file, 'image');
  const [channels = 0, ...shape] = image.shape;
  const segmentation = load(file, 'segmentation').data as Int16Array;
  return { channels, shape, image: image.data as Float32Array, label: segmentation.slice(0, segmentation.length / 2) };
}

const firstChannel = ({ shape, data }: NpyArray): Int16Array =>
  (data as Int16Array).slice(0, data.length / (shape[0] ?? 1));
const shareOfDifferent = (a: Int16Array, b: Int16Array): number => a.filter((x, i) => x !== b[i]).length / b.length;

describeWithShared('augmentation beside batchgeneratorsv2', 'golden/augmentation/cases.json', () => {
  // Titles are made before a skip takes effect, so this must not fail where the data is absent.
  const list = path('cases.json');
  const all = existsSync(list) ? (JSON.parse(readFileSync(list, 'utf8')) as Case[]) : [];
  const named = (pattern: RegExp): Case[] => all.filter(({ file }) => pattern.test(file));
  const image = ({ file }: Case): Float32Array => load(file, 'image').data as Float32Array;

  const spatial = named(/spatial_(rot|scale|random)/);

  it.each(spatial)('$file: rotation and scaling', (golden) => {
    const { params, init } = golden;
    const patch = inputPatch(golden.input);
    const angles = (params.angles_deg_per_axis ?? [0, 0, 0]).map((degrees) => (degrees * Math.PI) / 180);
    const [a = 0, b = 0, c = 0] = angles;
    const matrix = patch.shape.length === 3 ? affine3d([a, b, c], params.scale ?? 1) : affine2d(b, params.scale ?? 1);
    assertClose(matrix, (params.affine ?? []).flat(), { atol: 1e-12 }, 'matrix entry');

    // nnU-Net counts the centre in voxel edges, we in voxel middles.
    const affine = { matrix, centre: params.center_location_in_pixels.map((centre) => centre - 0.5) };
    const warped = warpImage(patch.image, patch.channels, patch.shape, init.patch_size, affine);
    assertClose(warped, image(golden), { atol: 5e-5 }, 'voxel');

    if (golden.file.includes('tiebreak_lowest')) return; // made with another rule for ties
    const labels = warpLabels(patch.label, 1, patch.shape, init.patch_size, affine);
    const different = shareOfDifferent(labels, firstChannel(load(golden.file, 'segmentation')));
    // Exact half-way points fall to either side by float32 rounding in nnU-Net.
    expect(different).toBeLessThanOrEqual(golden.file.includes('ties') ? 0.015 : 0.001);
  });

  it.each(named(/dummy2d/))('$file: every slice gets the same in-plane transform', (golden) => {
    const patch = inputPatch(golden.input);
    const { angle_deg: degrees, scale } = golden.params;
    const plan = { matrix: affine2d((degrees * Math.PI) / 180, scale ?? 1), dummy2d: true };
    const got = transformPatch(patch, plan, [patch.shape[0] ?? 0, ...golden.init.patch_size]);
    assertClose(got.image, image(golden), { atol: 5e-5 }, 'voxel');
    expect(shareOfDifferent(got.label, firstChannel(load(golden.file, 'segmentation')))).toBeLessThanOrEqual(0.001);
  });

  it.each(named(/spatial_crop_only/))('$file: without a transform the centre is cut out', (golden) => {
    const got = centreCrop(inputPatch(golden.input), golden.init.patch_size);
    expect(got.image).toEqual(image(golden));
    expect(got.label).toEqual(firstChannel(load(golden.file, 'segmentation')));
  });

  it.each(named(/crop_centre_at_border/))('$file: outside the case image is 0 and label -1', (golden) => {
    const { channels, shape, image: values, label } = inputPatch(golden.input);
    const extent = golden.init.patch_size;
    const corner = golden.params.center_location_in_pixels.map((c, axis) => c - Math.floor((extent[axis] ?? 0) / 2));
    expect(cutBox(values, channels, shape, { corner, extent }, 0)).toEqual(image(golden));
    expect(cutBox(label, 1, shape, { corner, extent }, -1)).toEqual(firstChannel(load(golden.file, 'segmentation')));
  });

  it.each(named(/noise_synchronized/))('$file: noise is added', (golden) => {
    const noise = load(golden.file, 'noise').data;
    const noisy = inputPatch(golden.input).image.map((value, i) => value + (noise[i] ?? 0));
    assertClose(noisy, image(golden), { atol: 1e-6 }, 'voxel');
  });

  it.each(named(/blur/))('$file: blur', (golden) => {
    const { channels, shape, image: values } = inputPatch(golden.input);
    const { apply_to_channel: applied, sigmas_of_applied_channels_per_axis: sigmas, kernels } = golden.params;
    for (const [i, ofChannel] of sigmas.entries())
      for (const [axis, sigma] of ofChannel.entries())
        assertClose(blurKernel(sigma), kernels[i]?.[axis] ?? [], { atol: 1e-6 }, `kernel of sigma ${sigma}, entry`);

    const remaining = [...sigmas];
    const blurred = mapChannels(values, channels, (channel, index) =>
      applied[index] ? blurChannel(channel, shape, remaining.shift() ?? []) : channel,
    );
    assertClose(blurred, image(golden), { atol: 1e-5 }, 'voxel');
  });

  it.each<{ pattern: RegExp; change: (channel: Float32Array, params: Params, index: number) => Float32Array }>([
    { pattern: /brightness/, change: (channel, { multipliers }, i) => brighten(channel, multipliers[i] ?? 1) },
    { pattern: /contrast\./, change: (channel, { multipliers }, i) => stretchContrast(channel, multipliers[i] ?? 1) },
    {
      pattern: /gamma_inverted_retain/,
      change: (channel, { gamma }, i) => correctGammaInverted(channel, gamma[i] ?? 1),
    },
    { pattern: /gamma_retain/, change: (channel, { gamma }, i) => correctGamma(channel, gamma[i] ?? 1) },
  ])('$pattern in 2D and 3D', ({ pattern, change }) => {
    const goldens = named(pattern);
    expect(goldens).toHaveLength(2);
    for (const golden of goldens) {
      const { channels, image: values } = inputPatch(golden.input);
      const changed = mapChannels(values, channels, (channel, index) => change(channel, golden.params, index));
      assertClose(changed, image(golden), { atol: 1e-5 }, `${golden.file}: voxel`);
    }
  });

  it('leaves a constant channel as it is', () => {
    const constant = new Float32Array(72).fill(2.5);
    const file = '2d/constant_channel_2.5.npz';
    assertClose(correctGamma(constant, 1.3), load(file, 'gamma').data, { atol: 1e-6 });
    assertClose(stretchContrast(constant, 1.2), load(file, 'contrast').data, { atol: 1e-6 });
  });

  it.each(named(/lowres/))('$file: low resolution', (golden) => {
    const { channels, shape, image: values } = inputPatch(golden.input);
    const { apply_to_channel: applied, scales } = golden.params;
    const coarse = mapChannels(values, channels, (channel, index) => {
      const zooms = scales[applied.indexOf(index)];
      return zooms ? simulateLowResolution(channel, shape, zooms) : channel;
    });
    assertClose(coarse, image(golden), { atol: 2e-5 }, 'voxel');
  });

  it.each(named(/mirror/))('$file: mirroring', (golden) => {
    const { shape, image: values, label } = inputPatch(golden.input);
    expect(flip(values, shape, golden.params.axes)).toEqual(image(golden));
    expect(flip(label, shape, golden.params.axes)).toEqual(firstChannel(load(golden.file, 'segmentation')));
  });

  it.each(named(/mask_then_remove_label/))('$file: masking, then label -1 to 0', (golden) => {
    const got = withoutOutside(masked(inputPatch(golden.input), golden.init.apply_to_channels));
    expect(got.image).toEqual(image(golden));
    expect(got.label).toEqual(firstChannel(load(golden.file, 'segmentation')));
  });

  it.each(named(/deep_supervision_targets/))('$file: targets of the lower outputs', (golden) => {
    const { shape, label } = inputPatch(golden.input);
    for (const output of golden.init.ds_scales.keys()) {
      const want = load(golden.file, `target${output}`);
      expect(downsampleLabels(label, shape, want.shape.slice(1)), `output ${output}`).toEqual(firstChannel(want));
    }
  });

  it('agrees on the small arrays written out in full', () => {
    for (const tiny of JSON.parse(readFileSync(path('spatial_tiny.json'), 'utf8')) as TinyCase[]) {
      const values = Float32Array.from(flatten(tiny.image_in));
      const label = Int16Array.from(flatten(tiny.seg_in));
      const shape = shapeOf(tiny.image_in);
      const [a = 0, b = 0, c = 0] = (tiny.angles_deg ?? []).map((degrees) => (degrees * Math.PI) / 180);
      const matrix = shape.length === 3 ? affine3d([a, b, c], tiny.scale ?? 1) : affine2d(b, tiny.scale ?? 1);
      const affine = { matrix, centre: shape.map((n) => (n - 1) / 2) };
      const wantImage = flatten(tiny.image_out);
      assertClose(warpImage(values, 1, shape, shape, affine), wantImage, { atol: 1e-4 }, `${tiny.name}: voxel`);
      expect([...warpLabels(label, 1, shape, shape, affine)], tiny.name).toEqual(flatten(tiny.seg_out));
    }
  });
});

/** Numbers nested as deep as the array has axes. */
type Nested = readonly (number | Nested)[];

interface TinyCase {
  name: string;
  angles_deg: number[] | null;
  scale: number | null;
  image_in: Nested;
  seg_in: Nested;
  image_out: Nested;
  seg_out: Nested;
}

const flatten = (nested: Nested): number[] => nested.flatMap((x) => (typeof x === 'number' ? [x] : flatten(x)));

function shapeOf(nested: Nested): number[] {
  const [first] = nested;
  return [nested.length, ...(first === undefined || typeof first === 'number' ? [] : shapeOf(first))];
}
