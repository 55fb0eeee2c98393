// Golden values: nnU-Net 2.8.1, crop_to_nonzero (see shared/golden/README.md). Exact.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { cropToNonzero } from '#core/preprocessing/crop.ts';
import { type NpyArray, readNpz } from '#test/npy.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

describeWithShared('cropping as nnU-Net does', 'golden/cropping', () => {
  const arrays = readNpz(readFileSync(sharedPath('golden/cropping/cropping.npz')));
  const boxes = JSON.parse(readFileSync(sharedPath('golden/cropping/cropping.json'), 'utf8'));
  const array = (name: string): NpyArray => {
    const found = arrays.get(name);
    if (!found) throw new Error(`no array ${name} in cropping.npz`);
    return found;
  };
  const shape = shapeZyx(9, 10, 11);
  const spacing = spacingZyx(1, 1, 1);
  const image = { channels: 2, shape, spacing, data: Float32Array.from(array('data').data) };

  it('cuts image and label, with a filled hole, a notch and a label outside the mask', () => {
    const cropped = cropToNonzero(image, { shape, spacing, data: Int16Array.from(array('seg').data) });
    expect(cropped.box).toEqual(boxes.bbox);
    expect(cropped.image.data).toEqual(array('data_cropped').data);
    expect(cropped.label.data).toEqual(array('seg_cropped').data);
  });

  it('makes a map of the mask when there is no label', () => {
    const cropped = cropToNonzero(image, null);
    expect(cropped.box).toEqual(boxes.bbox_none);
    expect([...cropped.label.data]).toEqual([...array('seg_from_none').data]);
  });

  it('keeps an image of zeros whole', () => {
    const zero = shapeZyx(3, 4, 5);
    const cropped = cropToNonzero(
      { channels: 1, shape: zero, spacing, data: new Float32Array(60) },
      { shape: zero, spacing, data: new Int16Array(60) },
    );
    expect(cropped.box).toEqual(boxes.bbox_all_zero);
    expect(cropped.label.data).toEqual(array('zero_seg').data);
  });
});
