import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepLargestComponents } from './largest-components.ts';
import { applyRules } from './rule.ts';

type Shape3 = readonly [number, number, number];

describe('keepLargestComponents', () => {
  it('clears all but the largest component of a label and leaves other labels alone', () => {
    expect([...keepLargestComponents(Uint8Array.of(1, 1, 0, 1, 2, 0, 2), [1, 1, 7], 1)]).toEqual([1, 1, 0, 0, 2, 0, 2]);
  });

  it('keeps all components that tie for the largest', () => {
    expect([...keepLargestComponents(Uint8Array.of(1, 1, 0, 1, 0, 1, 1), [1, 1, 7], 1)]).toEqual([1, 1, 0, 0, 0, 1, 1]);
  });

  it('takes a region as one mask whose voxels keep their labels', () => {
    expect([...keepLargestComponents(Uint8Array.of(1, 2, 0, 2, 0, 1), [1, 1, 6], [1, 2])]).toEqual([1, 2, 0, 0, 0, 0]);
  });

  it.each<{ name: string; shape: Shape3; first: number; second: number }>([
    { name: 'an edge within a slice', shape: [1, 2, 2], first: 1, second: 2 },
    { name: 'an edge between slices', shape: [2, 2, 1], first: 1, second: 2 },
    { name: 'a corner in space', shape: [2, 2, 2], first: 0, second: 7 },
    { name: 'the opposite corner in space', shape: [2, 2, 2], first: 3, second: 4 },
  ])('connects voxels by $name', ({ shape, first, second }) => {
    const labels = new Uint8Array(shape[0] * shape[1] * shape[2] * 1);
    labels[first] = 1;
    labels[second] = 1;
    // With a third voxel far away, two joined voxels win, while three loners would all tie and stay.
    const wide = beside(labels, shape);
    expect([...keepLargestComponents(wide.labels, wide.shape, 1)].filter((v) => v === 1)).toHaveLength(2);
  });

  it('does not connect the end of a row with the start of the next', () => {
    const labels = Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1);
    expect([...keepLargestComponents(labels, [1, 3, 4], 1)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
  });

  it('does not connect the last row of a slice with the first of the next', () => {
    // Slices of 3 rows: voxel 2 is the last row of slice 0, voxel 3 the first of slice 1; only 0 and 3 touch.
    expect([...keepLargestComponents(Uint8Array.of(1, 0, 1, 1, 0, 0), [2, 3, 1], 1)]).toEqual([1, 0, 0, 1, 0, 0]);
  });

  it('leaves a map without the label as it is', () => {
    expect([...keepLargestComponents(Uint8Array.of(0, 2), [1, 1, 2], 1)]).toEqual([0, 2]);
  });

  it('agrees with a flood fill on random maps', () => {
    const shape: Shape3 = [3, 4, 5];
    const labelMap = fc.uint8Array({ min: 0, max: 2, minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(labelMap, fc.constantFrom<number | number[]>(1, 2, [1, 2]), (labels, target) => {
        expect(keepLargestComponents(labels, shape, target)).toEqual(byFloodFill(labels, shape, target));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a map that does not fill its shape', () => {
    expect(() => keepLargestComponents(new Uint8Array(5), [1, 2, 3], 1)).toThrow('shape 1 x 2 x 3 has 6 voxels, got 5');
  });
});

describe('applyRules', () => {
  it('applies rules one after the other', () => {
    // Together 1 1 2 is largest; of label 1 alone, 1 1 on the left then stays.
    const labels = Uint8Array.of(1, 1, 2, 1, 0, 2, 2, 0);
    expect([...applyRules(labels, [1, 1, 8], [{ keepLargestOf: [1, 2] }, { keepLargestOf: 1 }])]).toEqual([
      1, 1, 2, 0, 0, 0, 0, 0,
    ]);
  });

  it('copies when there is none', () => {
    const labels = Uint8Array.of(1);
    expect(applyRules(labels, [1, 1, 1], [])).toEqual(labels);
    expect(applyRules(labels, [1, 1, 1], [])).not.toBe(labels);
  });
});

/** The volume twice as wide plus a gap, with one more voxel of label 1 at the far end. */
function beside(labels: Uint8Array, [depth, height, width]: Shape3): { labels: Uint8Array; shape: Shape3 } {
  const shape: Shape3 = [depth, height, width + 3];
  const wide = new Uint8Array(depth * height * (width + 3));
  labels.forEach((label, i) => {
    wide[Math.floor(i / width) * (width + 3) + (i % width)] = label;
  });
  wide[width + 2] = 1;
  return { labels: wide, shape };
}

function byFloodFill(labels: Uint8Array, [depth, height, width]: Shape3, target: number | number[]): Uint8Array {
  const isForeground = (i: number) => [target].flat().includes(labels[i] ?? 0);
  const seen = new Set<number>();
  const components: number[][] = [];
  for (let seed = 0; seed < labels.length; seed++) {
    if (seen.has(seed) || !isForeground(seed)) continue;
    const component = [seed];
    seen.add(seed);
    for (const at of component) {
      const [z, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
      for (const [dz, dy, dx] of neighbourhood) {
        const [nz, ny, nx] = [z + dz, y + dy, x + dx];
        const next = (nz * height + ny) * width + nx;
        const inside = nz >= 0 && nz < depth && ny >= 0 && ny < height && nx >= 0 && nx < width;
        if (!inside || seen.has(next) || !isForeground(next)) continue;
        seen.add(next);
        component.push(next);
      }
    }
    components.push(component);
  }
  const largest = Math.max(0, ...components.map((component) => component.length));
  const kept = Uint8Array.from(labels);
  for (const component of components) if (component.length < largest) for (const i of component) kept[i] = 0;
  return kept;
}

const steps = [-1, 0, 1];
const neighbourhood = steps.flatMap((z) => steps.flatMap((y) => steps.map((x) => [z, y, x] as const)));
