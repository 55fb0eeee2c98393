import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anAugmentation } from '#test/a-batch-plan.ts';
import { augmentSample } from './augment-sample.ts';
import { downsampleLabels } from './deep-supervision-targets.ts';
import { flip } from './mirror.ts';
import { centreCrop, cutBox, cutPatch, type Patch } from './patch.ts';

const patch: Patch = {
  channels: 2,
  shape: [2, 2],
  image: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  label: Int16Array.of(-1, 0, 1, 2),
  previousStage: null,
};

describe('augmentSample', () => {
  it('makes label -1 background, with and without augmentation', () => {
    expect([...augmentSample(patch, null, [2, 2]).label]).toEqual([0, 0, 1, 2]);
    expect(augmentSample(patch, anAugmentation(), [2, 2])).toEqual(augmentSample(patch, null, [2, 2]));
  });

  it('masks after mirroring, by the mirrored label, and only the channels named', () => {
    const { image, label } = augmentSample(patch, anAugmentation({ mirrorAxes: [1], maskedChannels: [1] }), [2, 2]);
    expect([...image]).toEqual([2, 1, 4, 3, 6, 0, 8, 7]);
    expect([...label]).toEqual([0, 0, 2, 1]);
  });

  it('changes only the channels that a plan has values for', () => {
    const plan = anAugmentation({
      blur: [null, [0.5, 0.5]],
      lowResolution: { zoom: [null, 0.5], ignoreFirstAxis: false },
    });
    const { image } = augmentSample(patch, plan, [2, 2]);
    expect([...image.slice(0, 4)]).toEqual([1, 2, 3, 4]);
    expect([...image.slice(4)]).not.toEqual([5, 6, 7, 8]);
  });

  it('leaves the patch it is given as it is', () => {
    augmentSample(patch, anAugmentation({ brightness: [2, 2], mirrorAxes: [0], maskedChannels: [0, 1] }), [2, 2]);
    expect([...patch.image]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect([...patch.label]).toEqual([-1, 0, 1, 2]);
  });
});

describe('cutBox', () => {
  it('agrees with looking up voxel by voxel, inside and outside', () => {
    const shape = [3, 4, 5];
    const values = Float32Array.from({ length: 2 * 60 }, (_, i) => i + 1);
    const axis = fc.record({ corner: fc.integer({ min: -6, max: 6 }), extent: fc.integer({ min: 1, max: 6 }) });
    fc.assert(
      fc.property(fc.tuple(axis, axis, axis), (axes) => {
        const corner = axes.map((a) => a.corner);
        const [d = 1, h = 1, w = 1] = axes.map((a) => a.extent);
        const cut = cutBox(values, 2, shape, { corner, extent: [d, h, w] }, -7);
        const want = Array.from(cut, (_, i) => {
          const [c, z, y, x] = [Math.floor(i / (d * h * w)), Math.floor(i / (h * w)) % d, Math.floor(i / w) % h, i % w];
          const at = [z, y, x].map((position, a) => position + (corner[a] ?? 0));
          const inside = at.every((position, a) => position >= 0 && position < (shape[a] ?? 0));
          return inside ? 1 + c * 60 + (at[0] ?? 0) * 20 + (at[1] ?? 0) * 5 + (at[2] ?? 0) : -7;
        });
        expect([...cut]).toEqual(want);
      }),
    );
  });
});

describe('patches', () => {
  it('cuts the centre, the later of two middles', () => {
    const line: Patch = {
      channels: 1,
      shape: [1, 6],
      image: Float32Array.of(0, 1, 2, 3, 4, 5),
      label: new Int16Array(6),
      previousStage: null,
    };
    expect([...centreCrop(line, [1, 2]).image]).toEqual([2, 3]);
    expect([...centreCrop(line, [1, 3]).image]).toEqual([2, 3, 4]);
  });

  it('takes a 2D patch from the slice at its corner', () => {
    const whole = {
      channels: 1,
      shape: [2, 2, 2] as const,
      image: Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7),
      label: Int16Array.of(0, 0, 0, 0, 1, 1, 1, 1),
      previousStage: null,
    };
    const { shape, image, label } = cutPatch(whole, [1, 0, 1], [2, 2]);
    expect(shape).toEqual([2, 2]);
    expect([...image]).toEqual([5, 0, 7, 0]);
    expect([...label]).toEqual([1, -1, 1, -1]);
  });

  it('flips back and forth to the same', () => {
    const values = Float32Array.from({ length: 24 }, (_, i) => i);
    fc.assert(
      fc.property(fc.subarray([0, 1, 2]), (axes) => {
        expect(flip(flip(values, [2, 3, 4], axes), [2, 3, 4], axes)).toEqual(values);
      }),
    );
    expect([...flip(Float32Array.of(1, 2, 3, 4), [2, 2], [0])]).toEqual([3, 4, 1, 2]);
  });

  it('picks the targets of lower outputs', () => {
    expect([...downsampleLabels(Int16Array.of(0, 1, 2, 3, 4, 5, 6, 7), [2, 4], [1, 2])]).toEqual([5, 7]);
  });
});
