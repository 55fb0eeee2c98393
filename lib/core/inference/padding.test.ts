import { describe, expect, it } from 'vitest';
import { shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { Image } from '#core/geometry/volume.ts';
import { padToTile } from './padding.ts';

const image: Image<'net'> = {
  channels: 2,
  shape: shapeNet(1, 2, 3),
  spacing: spacingNet(1, 1, 1),
  data: Float32Array.of(1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16),
};

describe('padToTile', () => {
  it('puts the smaller half of the padding first', () => {
    const { tensor } = padToTile(image, [1, 3, 6]);
    expect(tensor.shape).toEqual([2, 1, 3, 6]);
    expect([...tensor.data.subarray(0, 18)]).toEqual([0, 1, 2, 3, 0, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...tensor.data.subarray(18, 24)]).toEqual([0, 11, 12, 13, 0, 0]);
  });

  it('cuts logits back to where the image was', () => {
    const { tensor, unpad } = padToTile(image, [4, 4, 4]);
    expect(unpad(tensor)).toEqual({ shape: [2, 1, 2, 3], data: image.data });
  });

  it('pads only in plane for a 2D tile', () => {
    expect(padToTile(image, [4, 3]).tensor.shape).toEqual([2, 1, 4, 3]);
  });

  it('copies nothing when a tile fits', () => {
    const { tensor, unpad } = padToTile(image, [1, 2, 2]);
    expect(tensor.data).toBe(image.data);
    expect(unpad(tensor)).toBe(tensor);
  });

  it('refuses logits that are not as padded', () => {
    const { unpad } = padToTile(image, [4, 4, 4]);
    const logits = { shape: [2, 1, 2, 3], data: new Float32Array(12) };
    expect(() => unpad(logits)).toThrow('expected logits of 4 x 4 x 4 voxels as padded, got 1 x 2 x 3');
  });
});
