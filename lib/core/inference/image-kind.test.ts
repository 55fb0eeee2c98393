import { describe, expect, it } from 'vitest';
import { shapeNet, shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { imageKindMismatch } from './image-kind.ts';

const plans = (median: readonly [number, number, number]) => ({
  originalMedianShape: shapeNet(...median),
  configurations: [
    { name: '2d', patchSize: [64, 64] },
    { name: '3d_fullres', patchSize: [16, 64, 64] },
  ],
});

const ofVolumes = plans([40, 100, 100]);
const ofPictures = plans([1, 100, 100]);
const volume = { shape: shapeZyx(40, 90, 90), spacing: spacingZyx(3, 1, 1) };
const picture = { shape: shapeZyx(1, 90, 90), spacing: spacingZyx(999, 1, 1) };
/** As a 2D NIfTI of 0.7 x 0.5 mm is read. */
const flatNifti = { shape: shapeZyx(1, 90, 90), spacing: spacingZyx(999 * 0.7, 0.5, 0.7) };

describe('imageKindMismatch', () => {
  it.each([
    { name: 'a volume for a model of volumes', image: volume, model: ofVolumes, members: ['2d', '3d_fullres'] },
    { name: 'a picture for a model of pictures', image: picture, model: ofPictures, members: ['2d'] },
    {
      name: 'a slice for the 2D configuration of a model of volumes',
      image: flatNifti,
      model: ofVolumes,
      members: ['2d'],
    },
  ])('finds nothing odd in $name', ({ image, model, members }) => {
    expect(imageKindMismatch(image, model, members)).toBeNull();
  });

  it.each([
    { name: 'picture', image: picture },
    { name: '2D NIfTI', image: flatNifti },
  ])('refuses a $name where a 3D configuration votes', ({ image }) => {
    expect(imageKindMismatch(image, ofVolumes, ['2d', '3d_fullres'])).toEqual({
      kind: 'fault',
      message: expect.stringContaining(
        'a single slice, and 3d_fullres of the model segments volumes; take a model of 2D',
      ),
    });
  });

  it('warns of a single slice whose thickness is known', () => {
    const slice = { ...picture, spacing: spacingZyx(5, 1, 1) };
    expect(imageKindMismatch(slice, ofVolumes, ['3d_fullres'])?.kind).toBe('warning');
  });

  it('warns of a volume for a model of pictures', () => {
    expect(imageKindMismatch(volume, ofPictures, ['2d'])).toEqual({
      kind: 'warning',
      message: expect.stringContaining('each of its 40 slices is segmented by itself'),
    });
  });
});
