import { describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { imageToNet, labelToNet } from './transpose.ts';

const shape = shapeZyx(2, 3, 4);
const spacing = spacingZyx(5, 6, 7);
const counted = Int16Array.from({ length: 24 }, (_, i) => i);

describe('to network order', () => {
  it('moves voxels, shape and spacing alike', () => {
    const net = labelToNet({ shape, spacing, data: counted }, [2, 0, 1]);
    expect(net.shape).toEqual([4, 2, 3]);
    expect(net.spacing).toEqual([7, 5, 6]);
    // net[x, z, y] is zyx[z, y, x]: x = 1 runs through 1, 5, 9 and 13, 17, 21.
    expect([...net.data.subarray(6, 12)]).toEqual([1, 5, 9, 13, 17, 21]);
  });

  it('treats every channel by itself', () => {
    const data = Float32Array.from([...counted, ...counted.map((value) => value + 100)]);
    const net = imageToNet({ channels: 2, shape, spacing, data }, [1, 0, 2]);
    expect([...net.data.subarray(0, 8)]).toEqual([0, 1, 2, 3, 12, 13, 14, 15]);
    expect([...net.data.subarray(24, 32)]).toEqual([100, 101, 102, 103, 112, 113, 114, 115]);
  });

  it('shares the voxels when no axis moves', () => {
    const label = { shape, spacing, data: counted };
    expect(labelToNet(label, [0, 1, 2]).data).toBe(counted);
  });
});
