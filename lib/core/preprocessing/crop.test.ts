import { describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import { cropToNonzero } from './crop.ts';

const shape = shapeZyx(2, 3, 4);
const spacing = spacingZyx(1, 1, 1);

/** An image of zeros but for the given (channel, z, y, x). */
function anImage(channels: number, ...set: readonly (readonly [number, number, number, number])[]): Image<'zyx'> {
  const data = new Float32Array(channels * 24);
  for (const [c, z, y, x] of set) data[((c * 2 + z) * 3 + y) * 4 + x] = 7;
  return { channels, shape, spacing, data };
}

const aLabel = (value: number): LabelMap<'zyx'> => ({ shape, spacing, data: new Int16Array(24).fill(value) });

describe('cropToNonzero', () => {
  it('keeps the tight box of what any channel holds', () => {
    const cropped = cropToNonzero(anImage(2, [0, 0, 1, 1], [1, 0, 2, 3]), null);
    expect(cropped.box).toEqual([
      [0, 1],
      [1, 3],
      [1, 4],
    ]);
    expect(cropped.image.shape).toEqual([1, 2, 3]);
    expect([...cropped.image.data]).toEqual([7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]);
  });

  it('says 0 inside and -1 outside the mask when there is no label', () => {
    const cropped = cropToNonzero(anImage(1, [0, 0, 1, 1], [0, 0, 1, 3]), null);
    expect([...cropped.label.data]).toEqual([0, -1, 0]);
  });

  it('marks only background outside the mask, never a label', () => {
    const image = anImage(1, [0, 0, 1, 1], [0, 0, 1, 3]);
    expect([...cropToNonzero(image, aLabel(2)).label.data]).toEqual([2, 2, 2]);
    expect([...cropToNonzero(image, aLabel(0)).label.data]).toEqual([0, -1, 0]);
  });

  it('leaves its input as it was', () => {
    const label = aLabel(0);
    cropToNonzero(anImage(1, [0, 0, 0, 0], [0, 1, 2, 3]), label);
    expect(label.data.every((value) => value === 0)).toBe(true);
  });

  it('keeps the extent of an image of zeros, all of it outside the mask', () => {
    const cropped = cropToNonzero(anImage(1), aLabel(0));
    expect(cropped.box).toEqual([
      [0, 2],
      [0, 3],
      [0, 4],
    ]);
    expect(cropped.label.data.every((value) => value === -1)).toBe(true);
  });

  it('refuses a label of another shape', () => {
    const label: LabelMap<'zyx'> = { shape: shapeZyx(1, 3, 4), spacing, data: new Int16Array(12) };
    expect(() => cropToNonzero(anImage(1), label)).toThrow('image is 2 x 3 x 4, its label 1 x 3 x 4');
  });
});
