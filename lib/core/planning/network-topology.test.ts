import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { networkTopology } from './network-topology.ts';

/** `122` for [1, 2, 2]. */
const short = (rows: readonly (readonly number[])[]) => rows.map((row) => row.join('')).join(' ');

describe('networkTopology', () => {
  it.each([
    {
      name: 'isotropic',
      spacing: [1, 1, 1],
      patch: [128, 128, 128],
      wantStrides: '111 222 222 222 222 222',
      wantKernels: '333 333 333 333 333 333',
      wantPatch: [128, 128, 128],
    },
    {
      name: 'slices 5 times as thick',
      spacing: [4, 0.8, 0.8],
      patch: [28, 256, 256],
      wantStrides: '111 122 122 222 222 122 122',
      wantKernels: '133 133 333 333 333 333 333',
      wantPatch: [28, 256, 256],
    },
    {
      name: 'a patch to be rounded up',
      spacing: [1, 1, 1],
      patch: [36, 50, 35.5],
      wantStrides: '111 222 222 222',
      wantKernels: '333 333 333 333',
      wantPatch: [40, 56, 40],
    },
    {
      name: 'two axes',
      spacing: [1, 1],
      patch: [50, 35],
      wantStrides: '11 22 22 22',
      wantKernels: '33 33 33 33',
      wantPatch: [56, 40],
    },
    {
      name: 'one axis alone, of 11 voxels',
      spacing: [1, 1, 1],
      patch: [11, 7, 7],
      wantStrides: '111',
      wantKernels: '333',
      wantPatch: [11, 7, 7],
    },
    {
      name: 'one axis alone, of 12 voxels',
      spacing: [1, 1, 1],
      patch: [12, 7, 7],
      wantStrides: '111 211',
      wantKernels: '333 333',
      wantPatch: [12, 7, 7],
    },
  ])('pools by the spacing: $name', ({ spacing, patch, wantStrides, wantKernels, wantPatch }) => {
    const { strides, kernelSizes, patchSize } = networkTopology(spacing, patch);
    expect(short(strides)).toBe(wantStrides);
    expect(short(kernelSizes)).toBe(wantKernels);
    expect(patchSize).toEqual(wantPatch);
  });

  it('stops at the stages asked for, and then divides by less', () => {
    const { strides, kernelSizes, patchSize, divisor } = networkTopology([4, 0.8, 0.8], [27, 250, 256], 2);
    expect(short(strides)).toBe('111 122');
    expect(short(kernelSizes)).toBe('133 333'); // the last stage is the bottleneck now
    expect(divisor).toEqual([1, 2, 2]);
    expect(patchSize).toEqual([27, 250, 256]);
  });

  it('rounds up to a patch that the strides divide, and that gives the same network again', () => {
    const mm = fc.float({ min: Math.fround(0.1), max: 10, noNaN: true });
    const axis = fc.tuple(mm, fc.integer({ min: 1, max: 300 }));
    fc.assert(
      fc.property(fc.array(axis, { minLength: 2, maxLength: 3 }), (axes) => {
        const spacing = axes.map(([mmPerVoxel]) => mmPerVoxel);
        const asked = axes.map(([, voxels]) => voxels);
        const topology = networkTopology(spacing, asked);
        topology.patchSize.forEach((extent, i) => {
          expect(extent % (topology.divisor[i] ?? 0)).toBe(0);
          expect(extent - (asked[i] ?? 0)).toBeLessThan(topology.divisor[i] ?? 0);
        });
        expect(networkTopology(spacing, topology.patchSize)).toEqual(topology);
      }),
    );
  });
});
