import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillHoles } from './fill-holes.ts';

/** The same by repeating a slow rule until nothing changes: an unset voxel beside the outside is outside. */
function filledSlowly(mask: Uint8Array, [nz, ny, nx]: readonly [number, number, number]): Uint8Array {
  const outside = new Set<number>();
  const isOutside = (z: number, y: number, x: number): boolean =>
    z < 0 || y < 0 || x < 0 || z >= nz || y >= ny || x >= nx || outside.has((z * ny + y) * nx + x);
  for (let before = -1; before !== outside.size; ) {
    before = outside.size;
    for (let i = 0; i < mask.length; i++) {
      const x = i % nx;
      const y = Math.floor(i / nx) % ny;
      const z = Math.floor(i / nx / ny);
      const beside = [
        [-1, 0, 0],
        [1, 0, 0],
        [0, -1, 0],
        [0, 1, 0],
        [0, 0, -1],
        [0, 0, 1],
      ] as const;
      if (mask[i] === 0 && beside.some(([dz, dy, dx]) => isOutside(z + dz, y + dy, x + dx))) outside.add(i);
    }
  }
  return mask.map((_, i) => (outside.has(i) ? 0 : 1));
}

describe('fillHoles', () => {
  it('fills an enclosed voxel and leaves one that a face opens', () => {
    const shell = new Uint8Array(27).fill(1);
    shell[13] = 0;
    fillHoles(shell, [3, 3, 3]);
    expect(shell[13]).toBe(1);

    shell[13] = 0;
    shell[4] = 0; // the middle of the first slice
    fillHoles(shell, [3, 3, 3]);
    expect([shell[13], shell[4]]).toEqual([0, 0]);
  });

  it('does not let the outside in through an edge or a corner', () => {
    const mask = new Uint8Array(27).fill(1);
    mask[13] = 0;
    mask[0] = 0;
    mask[1] = 0; // touches the centre along an edge only
    fillHoles(mask, [3, 3, 3]);
    expect([mask[0], mask[1], mask[13]]).toEqual([0, 0, 1]);
  });

  it('agrees with a flood done voxel by voxel', () => {
    const volume = fc
      .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
      .chain(([z, y, x]) =>
        fc.record({
          shape: fc.constant([z, y, x] as const),
          // Mostly set, so that holes and winding ways out are common.
          set: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: z * y * x, maxLength: z * y * x }),
        }),
      );
    fc.assert(
      fc.property(volume, ({ shape, set }) => {
        const mask = Uint8Array.from(set, (v) => (v < 6 ? 1 : 0));
        const want = filledSlowly(mask, shape);
        fillHoles(mask, shape);
        expect(mask).toEqual(want);
      }),
      { numRuns: 300 },
    );
  });
});
