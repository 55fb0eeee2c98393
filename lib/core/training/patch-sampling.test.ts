import { describe, expect, it } from 'vitest';
import { RandomStream } from '#core/random/random-stream.ts';
import { drawCorner, type SampledCase, startRange } from './patch-sampling.ts';

describe('startRange', () => {
  it.each([
    { name: 'a case that fits the final patch', shape: 36, initial: 73, final: 40, want: [-19, -18] },
    { name: 'a case larger than the initial patch', shape: 100, initial: 73, final: 40, want: [-17, 44] },
    { name: 'equal patches in a large case', shape: 100, initial: 40, final: 40, want: [0, 60] },
    { name: 'equal patches in a small case', shape: 37, initial: 40, final: 40, want: [-2, -1] },
    { name: 'a slice', shape: 30, initial: 1, final: 1, want: [0, 29] },
  ])('$name starts between $want', ({ shape, initial, final, want }) => {
    expect(startRange(shape, initial, final)).toEqual(want);
  });
});

describe('drawCorner', () => {
  const from: SampledCase = {
    shape: [30, 40, 50],
    classLocations: [
      { label: 1, locations: Int32Array.of(15, 20, 25) },
      { label: 2, locations: new Int32Array() },
      { label: 3, locations: Int32Array.of(29, 0, 49, 29, 0, 49) },
    ],
  };
  const extent = { initial: [8, 10, 12], final: [8, 10, 12] };
  const corners = (forced: boolean, cases = from, patch = extent): string[] => [
    ...new Set(Array.from({ length: 3000 }, (_, i) => drawCorner(cases, patch, forced, new RandomStream(2, i)).join())),
  ];

  it('centres a forced patch on a voxel of a class that the case has, past the end if need be', () => {
    expect(corners(true).sort()).toEqual(['11,15,19', '25,0,43']);
  });

  it('starts anywhere in the range when not forced', () => {
    const starts = corners(false).map((corner) => corner.split(',').map(Number));
    for (const [axis, high] of [22, 30, 38].entries()) {
      expect(Math.min(...starts.map((start) => start[axis] ?? -1))).toBe(0);
      expect(Math.max(...starts.map((start) => start[axis] ?? -1))).toBe(high);
    }
  });

  it('starts anywhere when forced in a case without foreground', () => {
    expect(corners(true, { ...from, classLocations: [] }).length).toBeGreaterThan(2000);
  });

  describe('with an ignore label', () => {
    const judged = { label: [-1, 0, 1], locations: Int32Array.of(10, 10, 10) };
    const labelled = { label: 1, locations: Int32Array.of(15, 20, 25) };
    const cases = (...classLocations: SampledCase['classLocations']) => ({ ...from, classLocations });

    it('centres a forced patch on foreground and any other on a voxel that was judged', () => {
      expect(corners(true, cases(labelled, judged))).toEqual(['11,15,19']);
      expect(corners(false, cases(labelled, judged))).toEqual(['6,5,4']);
    });

    it('centres a forced patch of a case without foreground on a voxel that was judged', () => {
      expect(corners(true, cases({ label: 1, locations: new Int32Array() }, judged))).toEqual(['6,5,4']);
    });

    it('starts anywhere in a case where nothing was judged', () => {
      expect(corners(false, cases(labelled, { ...judged, locations: new Int32Array() })).length).toBeGreaterThan(2000);
    });
  });

  it('draws the slice of a 2D patch by the same rule', () => {
    const slice = { initial: [10, 12], final: [10, 12] };
    expect(corners(true, from, slice).sort()).toEqual(['15,15,19', '29,0,43']);
    expect(new Set(corners(false, from, slice).map((corner) => corner.split(',')[0])).size).toBe(30);
  });
});
