import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tilePlan, tileStarts } from './sliding-window.ts';

describe('tileStarts', () => {
  it.each([
    { image: 110, tile: 64, want: [0, 23, 46] },
    { image: 200, tile: 128, want: [0, 36, 72] },
    { image: 150, tile: 128, want: [0, 22] },
    { image: 482, tile: 128, want: [0, 59, 118, 177, 236, 295, 354] },
    { image: 64, tile: 64, want: [0] },
    { image: 9, tile: 4, want: [0, 2, 3, 5] }, // steps of 5/3; and 2.5 would go to 2
  ])('of an image of $image with tiles of $tile are $want', ({ image, tile, want }) => {
    expect(tileStarts(image, tile, 0.5)).toEqual(want);
  });

  it('cover the image, end flush with it, and never step further than asked', () => {
    const extents = fc
      .record({
        tile: fc.integer({ min: 1, max: 60 }),
        more: fc.nat({ max: 200 }),
        percent: fc.integer({ min: 5, max: 100 }),
      })
      .filter(({ tile, percent }) => tile * percent >= 100); // steps below a voxel would repeat starts
    fc.assert(
      fc.property(extents, ({ tile, more, percent }) => {
        const starts = tileStarts(tile + more, tile, percent / 100);
        expect(starts[0]).toBe(0);
        expect(starts.at(-1)).toBe(more);
        for (const [i, start] of starts.slice(1).entries()) {
          const step = start - (starts[i] ?? 0);
          expect(step).toBeGreaterThanOrEqual(1);
          expect(step).toBeLessThanOrEqual(Math.min(tile, Math.ceil((tile * percent) / 100)));
        }
      }),
    );
  });

  it.each([
    { image: 63, tile: 64, step: 0.5, want: 'image extent 63 is smaller than the tile 64; pad the image first' },
    { image: 64, tile: 64, step: 0, want: 'stepFraction must be in (0, 1], got 0' },
    { image: 64, tile: 64, step: 1.1, want: 'stepFraction must be in (0, 1], got 1.1' },
    { image: 64, tile: 64, step: Number.NaN, want: 'stepFraction must be in (0, 1], got NaN' },
  ])('refuse image $image, tile $tile, step $step', ({ image, tile, step, want }) => {
    expect(() => tileStarts(image, tile, step)).toThrow(want);
  });
});

describe('tilePlan', () => {
  it('combines starts, weights and mirror axes', () => {
    const plan = tilePlan([10, 6], [4, 6], 0.5, [1]);
    expect(plan.starts).toEqual([[0, 2, 4, 6], [0]]);
    expect(plan.tileSize).toEqual([4, 6]);
    expect(plan.weight).toHaveLength(24);
    expect(plan.mirrorAxes).toEqual([1]);
  });

  it('refuses a tile with other axes than the image', () => {
    expect(() => tilePlan([10, 10, 10], [4, 4], 0.5, [])).toThrow('an image of 3 axes has no tiles of 2 axes');
  });
});
