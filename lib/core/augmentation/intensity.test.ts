import { describe, expect, it } from 'vitest';
import { philoxNormals } from '#core/random/philox.ts';
import { nearestExact } from './axis-lines.ts';
import { blurChannel, blurKernel } from './blur.ts';
import { addNoise, brighten, correctGamma, correctGammaInverted, stretchContrast } from './intensity.ts';
import { simulateLowResolution } from './low-resolution.ts';

const values = Float32Array.of(-1, 0, 0.5, 2, 4);
const close = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  expect(actual.length).toBe(expected.length);
  for (const [i, want] of expected.entries()) expect(actual[i], `entry ${i}`).toBeCloseTo(want, 5);
};

describe('intensities', () => {
  it.each([
    { name: 'contrast 0.8', got: stretchContrast(values, 0.8), want: [-0.58, 0.22, 0.62, 1.82, 3.42] },
    { name: 'contrast 1.2, clipped', got: stretchContrast(values, 1.2), want: [-1, -0.22, 0.38, 2.18, 4] },
    { name: 'gamma 0.7', got: correctGamma(values, 0.7), want: [-1.423266, 0.243127, 0.79004, 2.17226, 3.717839] },
    {
      name: 'gamma 0.7 on the negated image',
      got: correctGammaInverted(values, 0.7),
      want: [-0.724811, -0.00733, 0.371384, 1.624155, 4.236601],
    },
    {
      name: 'gamma 1.5 on the negated image',
      got: correctGammaInverted(values, 1.5),
      want: [-1.333385, 0.081678, 0.727777, 2.382723, 3.641206],
    },
    { name: 'brightness 1.5', got: brighten(values, 1.5), want: [-1.5, 0, 0.75, 3, 6] },
  ])('$name', ({ got, want }) => {
    close(got, want);
  });

  it('leaves a constant channel as it is', () => {
    const constant = new Float32Array(9).fill(2.5);
    close(correctGamma(constant, 1.3), [...constant]);
    close(stretchContrast(constant, 1.2), [...constant]);
  });

  it('adds sigma times the normals of the plan', () => {
    const noisy = addNoise(values, { sigma: 0.1, key: [3, 4] });
    const normals = philoxNormals([3, 4], values.length);
    close(
      noisy,
      Array.from(values, (value, i) => value + 0.1 * (normals[i] ?? 0)),
    );
  });
});

describe('blurKernel', () => {
  it.each([
    { sigma: 0.5, want: [0.106507, 0.786986, 0.106507] },
    { sigma: 0.75, want: [0.0152, 0.218752, 0.532097, 0.218752, 0.0152] },
    { sigma: 1, want: [0.004433, 0.054006, 0.242036, 0.39905, 0.242036, 0.054006, 0.004433] },
  ])('samples a Gaussian of sigma $sigma', ({ sigma, want }) => {
    close(blurKernel(sigma), want);
  });
});

describe('blurChannel', () => {
  it('reflects at the borders without repeating them, and along each axis on its own', () => {
    const [side = 0, middle = 0] = blurKernel(0.5);
    const line = Float32Array.of(1, 0, 0, 4);
    // Reflected: 0 1 0 0 4 0.
    close(blurChannel(line, [1, 4], [0.5, 0.5]), [middle, side, 4 * side, 4 * middle]);
    close(blurChannel(line, [4, 1], [0.5, 0.5]), [middle, side, 4 * side, 4 * middle]);
  });
});

describe('simulateLowResolution', () => {
  it.each([
    { from: 5, to: 3, want: [0, 2, 4] },
    { from: 7, to: 4, want: [0, 2, 4, 6] },
    { from: 8, to: 5, want: [0, 2, 4, 5, 7] },
    { from: 5, to: 2, want: [1, 3] },
  ])('picks $want of $from voxels', ({ from, to, want }) => {
    expect(nearestExact(from, to)).toEqual(want);
  });

  it('goes back up linearly, borders repeated', () => {
    // 6 voxels to 3 (1, 3, 5 of [_, 0, _, 3, _, 9]) and back.
    const coarse = simulateLowResolution(Float32Array.of(-9, 0, -9, 3, -9, 9), [1, 6], [1, 0.5]);
    close(coarse, [0, 0.75, 2.25, 4.5, 7.5, 9]);
  });

  it('leaves an axis of zoom 1 as it is', () => {
    const channel = Float32Array.of(1, 5, 2, 8);
    expect(simulateLowResolution(channel, [2, 2], [1, 1])).toEqual(channel);
  });
});
