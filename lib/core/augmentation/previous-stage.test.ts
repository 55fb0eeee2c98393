import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { augmentSample } from './augment-sample.ts';
import { applyOperator, roundElement } from './binary-morphology.ts';
import type { Patch } from './patch.ts';
import { withOperator, withoutComponent, withPreviousStage } from './previous-stage.ts';

const patch: Patch = {
  channels: 1,
  shape: [1, 6],
  image: Float32Array.of(9, 8, 7, 6, 5, 4),
  label: new Int16Array(6),
  previousStage: { map: Int16Array.of(-1, 1, 1, 0, 2, 2), labels: [1, 2] },
};

describe('withPreviousStage', () => {
  it('appends a channel per label, and says nothing outside', () => {
    const got = withPreviousStage(patch, null);
    expect([...got.image]).toEqual([9, 8, 7, 6, 5, 4, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(got).toMatchObject({ channels: 3, previousStage: null });
  });

  it('leaves a patch without one as it is, but takes no plan for it', () => {
    const alone = { ...patch, previousStage: null };
    expect(withPreviousStage(alone, null)).toBe(alone);
    expect(() => withPreviousStage(alone, { operators: [], removals: [] })).toThrow('but the patch has none');
  });

  it('comes last: mirrored with the image, but not brightened', () => {
    const plan = {
      spatial: null,
      noise: null,
      blur: null,
      brightness: [2],
      contrast: null,
      lowResolution: null,
      gammaInverted: null,
      gamma: null,
      mirrorAxes: [1],
      maskedChannels: [],
      previousStage: { operators: [], removals: [] },
    };
    const { image } = augmentSample(patch, plan, [1, 6]);
    expect([...image]).toEqual([8, 10, 12, 14, 16, 18, 0, 0, 0, 1, 1, 0, 1, 1, 0, 0, 0, 0]);
    expect([...augmentSample(patch, null, [1, 6]).image]).toEqual([...withPreviousStage(patch, null).image]);
  });
});

describe('withOperator', () => {
  const channels = [Uint8Array.of(0, 1, 0, 0, 0, 0), Uint8Array.of(0, 0, 1, 1, 0, 0)];

  it('takes the voxels that a channel gains from the others, and gives none back', () => {
    const grown = withOperator(channels, [1, 6], { channel: 0, operator: 'dilation', radius: 1 });
    expect(grown.map((channel) => channel.join(''))).toEqual(['111000', '000100']);
    const shrunk = withOperator(grown, [1, 6], { channel: 0, operator: 'erosion', radius: 1 });
    expect(shrunk.map((channel) => channel.join(''))).toEqual(['110000', '000100']);
  });

  it('refuses a channel that is not there', () => {
    const plan = { channel: 2, operator: 'opening', radius: 1 } as const;
    expect(() => withOperator(channels, [1, 6], plan)).toThrow('there are 2 labels of a previous stage, no channel 2');
  });
});

describe('withoutComponent', () => {
  const channel = Uint8Array.of(1, 0, 1, 1, 0, 1, 1, 1);
  const without = (pick: number, largestShare: number): string =>
    (withoutComponent([channel], [1, 8], { channel: 0, pick, largestShare })[0] ?? []).join('');

  it.each([
    { name: 'the first of three', pick: 0, largestShare: 1, want: '00110111' },
    { name: 'the last of three', pick: 0.99, largestShare: 1, want: '10110000' },
    {
      name: 'only what is smaller than the share: two of eight are not below 2 / 8',
      pick: 0.99,
      largestShare: 0.25,
      want: '00110111',
    },
    { name: 'nothing where all are too large', pick: 0.5, largestShare: 0.1, want: '10110111' },
  ])('removes $name', ({ pick, largestShare, want }) => {
    expect(without(pick, largestShare)).toBe(want);
  });

  it('joins voxels that touch by a corner', () => {
    const diagonal = Uint8Array.of(1, 0, 0, 1);
    const [left] = withoutComponent([diagonal], [2, 2], { channel: 0, pick: 0, largestShare: 1 });
    expect([...(left ?? [])]).toEqual([0, 0, 0, 0]);
  });
});

describe('the binary operators', () => {
  it.each([
    { radius: 1, axes: 3, voxels: 7 },
    { radius: 1, axes: 2, voxels: 5 },
    { radius: 1.7, axes: 3, voxels: 8 }, // 4 points an axis, none in the middle
    { radius: 1.3, axes: 2, voxels: 4 },
  ])('have an element of $voxels voxels for radius $radius and $axes axes', ({ radius, axes, voxels }) => {
    expect(roundElement(radius, axes)).toHaveLength(voxels);
  });

  it('only add by dilation and closing, only take by erosion and opening, inside the array', () => {
    const masks = fc.array(fc.constantFrom(0, 1), { minLength: 25, maxLength: 25 });
    fc.assert(
      fc.property(masks, (values) => {
        const mask = Uint8Array.from(values);
        const element = roundElement(1, 2);
        const changed = (operator: Parameters<typeof applyOperator>[0]) =>
          applyOperator(operator, mask, [5, 5], element);
        const [grown, closed, opened, shrunk] = [
          changed('dilation'),
          changed('closing'),
          changed('opening'),
          changed('erosion'),
        ];
        mask.forEach((value, i) => {
          expect(grown[i]).toBeGreaterThanOrEqual(closed[i] ?? 2);
          expect(closed[i]).toBeGreaterThanOrEqual(value);
          expect(value).toBeGreaterThanOrEqual(opened[i] ?? 2);
          expect(opened[i]).toBeGreaterThanOrEqual(shrunk[i] ?? 2);
        });
      }),
    );
  });
});
