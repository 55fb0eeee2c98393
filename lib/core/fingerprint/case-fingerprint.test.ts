import { describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { caseFingerprint, samplesPerCase } from './case-fingerprint.ts';

const shape = shapeZyx(1, 2, 5);
const spacing = spacingZyx(3, 1, 1);

/** Two channels on a 1 x 2 x 5 grid whose last column is 0 everywhere. */
const image = {
  channels: 2,
  shape,
  spacing,
  data: Float32Array.of(10, 11, 12, 13, 0, 15, 16, 17, 18, 0, 1, 1, 1, 1, 0, 7, 7, 7, 7, 0),
};
const label = (values: readonly number[]) => ({ shape, spacing, data: Int16Array.from(values) });

describe('caseFingerprint', () => {
  it('describes the grid after the crop to nonzero', () => {
    const fingerprint = caseFingerprint(image, label([0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), 3);
    expect(fingerprint.shapeAfterCrop).toEqual([1, 2, 4]);
    expect(fingerprint.spacing).toEqual([3, 1, 1]);
    expect(fingerprint.relativeSizeAfterCropping).toBe(0.8);
  });

  it('draws from the voxels of any foreground label, going on from channel to channel', () => {
    const fingerprint = caseFingerprint(image, label([0, 1, 0, 2, 0, 0, 2, 0, 0, 0]), 1000);
    const [first, second] = fingerprint.foreground;
    expect([...(first?.values ?? [])]).toEqual([11, 13, 16]);
    expect([...(second?.values ?? [])]).toEqual([1, 7]);
    expect(first?.cumulativeCounts.at(-1)).toBe(1000);
    // A third of 1000 draws each; 15 is the standard deviation of a count, five of them are allowed.
    const countOf16 = 1000 - (first?.cumulativeCounts[1] ?? 0);
    expect(Math.abs(countOf16 - 333)).toBeLessThan(75);
    // The second channel draws other voxels than the first: the generator has gone on.
    expect((second?.cumulativeCounts[1] ?? 0) - (second?.cumulativeCounts[0] ?? 0)).not.toBe(countOf16);
  });

  it('makes the same draws as RandomState(1234).choice', () => {
    const wide = shapeZyx(1, 1, 1000);
    const even = { channels: 1, shape: wide, spacing, data: Float32Array.from({ length: 1000 }, (_, i) => 2 * i + 1) };
    const all = { shape: wide, spacing, data: new Int16Array(1000).fill(1) };
    const [sample] = caseFingerprint(even, all, 12).foreground;
    const drawn = [1630, 1446, 588, 106, 408, 744, 1328, 1310, 1378, 558, 466, 308].map((value) => value + 1);
    expect([...(sample?.values ?? [])]).toEqual(drawn.sort((a, b) => a - b));
  });

  it('draws nothing from a case without foreground', () => {
    const { foreground } = caseFingerprint(image, label(Array<number>(10).fill(0)), 1000);
    expect(foreground.map(({ values }) => values.length)).toEqual([0, 0]);
  });
});

describe('samplesPerCase', () => {
  it('shares 100 million draws among the cases', () => {
    expect(samplesPerCase(208)).toBe(480_769);
  });
});
