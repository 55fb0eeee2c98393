// Golden values: batchgeneratorsv2 0.3.6 transforms with fixed parameters on input_2d.npz and input_3d.npz; tolerances
// from the README beside them.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { blurChannel, blurKernel } from '#core/augmentation/blur.ts';
import { downsampleLabels } from '#core/augmentation/deep-supervision-targets.ts';
import { centred } from '#core/augmentation/elastic.ts';
import { brighten, correctGamma, correctGammaInverted, stretchContrast } from '#core/augmentation/intensity.ts';
import { simulateLowResolution } from '#core/augmentation/low-resolution.ts';
import { masked, withoutOutside } from '#core/augmentation/mask.ts';
import { flip } from '#core/augmentation/mirror.ts';
import { centreCrop, cutBox, mapChannels } from '#core/augmentation/patch.ts';
import { patchGeometry } from '#core/augmentation/patch-geometry.ts';
import { regionTargets } from '#core/augmentation/region-targets.ts';
import { affine2d, affine3d } from '#core/augmentation/rotation.ts';
import { AUGMENTATIONS, type AugmentationSettings } from '#core/augmentation/settings.ts';
import { transformPatch, warpImage, warpLabels } from '#core/augmentation/spatial.ts';
import { assertClose } from '#test/assert-close.ts';
import {
  type AugmentationCase,
  casesNamed,
  firstChannel,
  inputPatch,
  load,
  type Params,
  path,
} from '#test/golden-augmentation.ts';
import { describeWithShared } from '#test/shared.ts';

const shareOfDifferent = (a: Int16Array, b: Int16Array): number => a.filter((x, i) => x !== b[i]).length / b.length;

describeWithShared('augmentation beside batchgeneratorsv2', 'golden/augmentation/cases.json', () => {
  const named = casesNamed;
  const image = ({ file }: AugmentationCase): Float32Array => load(file, 'image').data as Float32Array;

  const spatial = named(/spatial_(rot|scale|random|elastic)/);

  it.each(spatial)('$file: deformation, rotation and scaling', (golden) => {
    const { params, init } = golden;
    const patch = inputPatch(golden.input);
    const angles = (params.angles_deg_per_axis ?? [0, 0, 0]).map((degrees) => (degrees * Math.PI) / 180);
    const [a = 0, b = 0, c = 0] = angles;
    const matrix = patch.shape.length === 3 ? affine3d([a, b, c], params.scale ?? 1) : affine2d(b, params.scale ?? 1);
    if (params.affine) assertClose(matrix, params.affine.flat(), { atol: 1e-12 }, 'matrix entry');

    // nnU-Net counts the centre in voxel edges, we in voxel middles.
    const affine = { matrix, centre: params.center_location_in_pixels.map((centre) => centre - 0.5) };
    const displacement = golden.file.includes('elastic') ? givenDisplacement(golden.file) : null;
    const warped = warpImage(patch.image, patch.channels, patch.shape, init.patch_size, affine, displacement);
    assertClose(warped, image(golden), { atol: 5e-5 }, 'voxel');

    if (golden.file.includes('tiebreak_lowest')) return; // made with another rule for ties
    const labels = warpLabels(patch.label, 1, patch.shape, init.patch_size, affine, displacement);
    const different = shareOfDifferent(labels, firstChannel(load(golden.file, 'segmentation')));
    // Exact half-way points fall to either side by float32 rounding in nnU-Net.
    expect(different).toBeLessThanOrEqual(golden.file.includes('ties') ? 0.015 : 0.001);
  });

  it.each(named(/dummy2d/))('$file: every slice gets the same in-plane transform', (golden) => {
    const patch = inputPatch(golden.input);
    const { angle_deg: degrees, scale } = golden.params;
    const plan = { matrix: affine2d((degrees * Math.PI) / 180, scale ?? 1), dummy2d: true, elastic: null };
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

  it.each(named(/regions/))('$file: a channel per region', (golden) => {
    const { label } = withoutOutside(inputPatch(golden.input));
    const targets = regionTargets(label, golden.init.regions, null);
    expect(targets).toEqual(load(golden.file, 'segmentation').data);
  });

  it.each(named(/deep_supervision_targets/))('$file: targets of the lower outputs', (golden) => {
    const { shape, label } = inputPatch(golden.input);
    for (const output of golden.init.ds_scales.keys()) {
      const want = load(golden.file, `target${output}`);
      expect(downsampleLabels(label, shape, want.shape.slice(1)), `output ${output}`).toEqual(firstChannel(want));
    }
  });

  it('has nnU-Net’s probabilities and ranges for every kind of patch', () => {
    const configurations = JSON.parse(readFileSync(path('trainer_transforms.json'), 'utf8')) as TrainerTransforms[];
    expect(configurations).toHaveLength(5);
    for (const golden of configurations) {
      const geometry = patchGeometry(golden.patch_size);
      expect(geometry, golden.name).toEqual({
        initialPatchSize: golden.initial_patch_size,
        rotationLimit: golden.rotation_for_DA_rad[1],
        dummy2d: golden.do_dummy_2d_data_aug,
        mirrorAxes: golden.mirror_axes,
      });
      expect(settingsOf(golden.training, AUGMENTATIONS.v2), golden.name).toEqual(AUGMENTATIONS.v2);
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

/** Stored (...patch, d), with the mean that the spatial transform takes off. */
function givenDisplacement(file: string): Float32Array {
  const { shape, data } = load(file, 'elastic_offsets');
  const axes = shape.at(-1) ?? 0;
  const fields = Array.from({ length: axes }, (_, along) =>
    Float32Array.from({ length: data.length / axes }, (_, voxel) => Number(data[voxel * axes + along])),
  );
  return centred(fields);
}

/** A transform with its options; one that is not always applied is wrapped. */
interface Transform {
  readonly class: string;
  readonly apply_probability?: number;
  readonly transform?: Transform;
  // biome-ignore lint/suspicious/noExplicitAny: every transform has other options.
  readonly [option: string]: any;
}

interface TrainerTransforms {
  readonly name: string;
  readonly patch_size: number[];
  readonly initial_patch_size: number[];
  readonly rotation_for_DA_rad: [number, number];
  readonly do_dummy_2d_data_aug: boolean;
  readonly mirror_axes: number[];
  readonly training: readonly Transform[];
}

/** nnU-Net's list of transforms as our settings; `unlessListed` for those that only a cascade has. */
function settingsOf(transforms: readonly Transform[], unlessListed: AugmentationSettings): AugmentationSettings {
  const options = transforms.map((one) => ({ chance: one.apply_probability, ...(one.transform ?? one) }) as Transform);
  const find = (name: string, also: (one: Transform) => boolean = () => true) =>
    options.find((one) => one.class === name && also(one)) ?? ({} as Transform);
  const spatial = find('SpatialTransform');
  const blur = find('GaussianBlurTransform');
  const lowResolution = find('SimulateLowResolutionTransform');
  const gammaOf = (inverted: number) => {
    const gamma = find('GammaTransform', (one) => one.p_invert_image === inverted);
    return { chance: gamma.chance, exponent: gamma.gamma.BGContrast };
  };
  const factorOf = (name: string, option: string) => {
    const found = find(name);
    return { chance: found.chance, factor: found[option].BGContrast };
  };
  const operator = find('ApplyRandomBinaryOperatorTransform');
  const removal = find('RemoveRandomConnectedComponentFromOneHotEncodingTransform');
  return {
    rotation: { chance: spatial.p_rotation },
    scaling: { chance: spatial.p_scaling, factor: spatial.scaling },
    elastic: spatial.p_elastic_deform === 0 ? null : unlessListed.elastic,
    noise: { chance: find('GaussianNoiseTransform').chance, sigma: find('GaussianNoiseTransform').noise_variance },
    blur: { chance: blur.chance, chancePerChannel: blur.p_per_channel, sigma: blur.blur_sigma },
    brightness: factorOf('MultiplicativeBrightnessTransform', 'multiplier_range'),
    contrast: factorOf('ContrastTransform', 'contrast_range'),
    lowResolution: {
      chance: lowResolution.chance,
      chancePerChannel: lowResolution.p_per_channel,
      zoom: lowResolution.scale,
    },
    gammaInverted: gammaOf(1),
    gamma: gammaOf(0),
    mirror: unlessListed.mirror,
    previousStage: operator.class
      ? {
          operator: { chance: operator.chance, chancePerLabel: operator.p_per_label, radius: operator.strel_size },
          removal: {
            chance: removal.chance,
            chancePerLabel: removal.p_per_label,
            largestShare: removal.dont_do_if_covers_more_than_x_percent,
          },
        }
      : unlessListed.previousStage,
  };
}

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
