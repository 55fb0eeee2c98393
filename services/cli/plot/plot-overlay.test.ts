import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { IMAGE_FORMATS, type ImageEnding } from '#formats/image-format.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { plotOverlay } from './plot-overlay.ts';

const EDGE = 320;
const geometry = axisAlignedGeometry(spacingZyx(1, 1, 1));

let folder: TemporaryFolder;
const at = (name: string): string => join(folder.path, name);
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Two slices of `EDGE` x `EDGE`, the second filled by `voxel`; large enough to be shown pixel by pixel. */
const put = (name: string, voxel: (x: number, y: number) => number) => {
  const data = new Float32Array(2 * EDGE * EDGE);
  for (let y = 0; y < EDGE; y++) for (let x = 0; x < EDGE; x++) data[(EDGE + y) * EDGE + x] = voxel(x, y);
  return writeFile(at(name), writeNifti(data, shapeZyx(2, EDGE, EDGE), geometry));
};

async function pixelsOf(name: string) {
  const { data, info } = await sharp(at(name)).raw().toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number) => [
    ...data.subarray((y * info.width + x) * info.channels, (y * info.width + x) * info.channels + 3),
  ];
  return { ...info, pixel };
}

describe('plotOverlay', () => {
  beforeEach(async () => {
    await put('image.nii.gz', (x) => x);
    await put('labels.nii.gz', (x) => Number(x < 100));
    await put('reference.nii.gz', (x) => Number(x >= 50 && x < 200));
  });

  it('shows image and labels, and below them what the colours mean', async () => {
    await plotOverlay({ image: at('image.nii.gz'), labels: at('labels.nii.gz'), out: at('a.png') });
    const { width, height, pixel } = await pixelsOf('a.png');
    expect(width).toBe(2 * EDGE + 2);
    expect(height).toBe(24 + EDGE + 20 + 8);
    expect(pixel(EDGE + 2, 24 + 100)).toEqual([255, 176, 0]);
    expect(pixel(10, 24 + EDGE + 14)).toEqual([255, 176, 0]);
  });

  it.each<{ ending: ImageEnding; edge: 'top' | 'bottom' }>([
    { ending: '.png', edge: 'top' },
    { ending: '.bmp', edge: 'top' },
    { ending: '.tif', edge: 'top' },
    { ending: '.nii.gz', edge: 'bottom' },
  ])('shows the first row of a $ending at the $edge', async ({ ending, edge }) => {
    const shape = shapeZyx(1, EDGE, EDGE);
    const firstRow = Uint8Array.from({ length: EDGE * EDGE }, (_, i) => Number(i < EDGE));
    const grid = { shape, spacing: spacingZyx(1, 1, 1), geometry };
    const { file } = await IMAGE_FORMATS[ending].writeLabels(firstRow, grid);
    await writeFile(at(`rows${ending}`), file);
    await plotOverlay({ image: at(`rows${ending}`), labels: at(`rows${ending}`), out: at('a.png') });
    const { pixel } = await pixelsOf('a.png');
    const [top, bottom] = [24, 24 + EDGE - 1].map((y) => pixel(EDGE + 2 + 100, y));
    expect({ top, bottom }).toEqual({ top: [0, 0, 0], bottom: [0, 0, 0], [edge]: [255, 176, 0] });
  });

  it('has twenty colours for labels, and sets a long legend in columns', async () => {
    await put('twenty.nii.gz', (x) => Math.floor(x / 16) + 1);
    await plotOverlay({ image: at('image.nii.gz'), labels: at('twenty.nii.gz'), out: at('a.png') });
    const { height, pixel } = await pixelsOf('a.png');
    expect(height).toBe(24 + EDGE + 5 * 20 + 8);
    const column = Math.floor((2 * EDGE + 2) / 4);
    const swatches = Array.from({ length: 20 }, (_, i) =>
      pixel(Math.floor(i / 5) * column + 10, 24 + EDGE + 14 + (i % 5) * 20),
    );
    expect(swatches[0]).toEqual([255, 176, 0]);
    expect(new Set(swatches.map(String)).size).toBe(20);
    expect(swatches.map(String)).not.toContain('255,255,255');
  });

  it('paints what was missed blue and what is wrong red when there is a reference', async () => {
    const reference = at('reference.nii.gz');
    await plotOverlay({ image: at('image.nii.gz'), labels: at('labels.nii.gz'), reference, out: at('a.png') });
    const { height, pixel } = await pixelsOf('a.png');
    const errors = 3 * (EDGE + 2);
    expect(pixel(errors + 25, 24 + 100)).toEqual([255, 64, 32]);
    expect(pixel(errors + 150, 24 + 100)).toEqual([0, 114, 255]);
    const [r, g, b] = pixel(errors + 75, 24 + 100);
    expect([r, g]).toEqual([g, b]);
    expect(height).toBe(24 + EDGE + 3 * 20 + 8);
  });

  describe('marks what lies at the edges', () => {
    const black = new Float32Array(2 * EDGE * EDGE);
    const shape = shapeZyx(2, EDGE, EDGE);
    const { sform } = geometry;
    const mirrored = { ...geometry, sform: sform.map((entry, i) => (i === 0 ? -entry : entry)) };
    const drawn = async (image: Uint8Array, name = 'black.nii.gz') => {
      await writeFile(at(name), image);
      await plotOverlay({ image: at(name), labels: at('labels.nii.gz'), out: at('a.png') });
      const side = (left: number) => ({ left, top: 24 + EDGE / 2 - 11, width: 22, height: 22 });
      const edge = (left: number) => sharp(at('a.png')).extract(side(left)).removeAlpha().raw().toBuffer();
      return { left: await edge(0), right: await edge(EDGE - 22) };
    };
    const isBlack = (pixels: Buffer) => pixels.every((value) => value === 0);

    it('with the letters swapped where the image is mirrored', async () => {
      const upright = await drawn(writeNifti(black, shape, geometry));
      const turned = await drawn(writeNifti(black, shape, mirrored));
      expect(isBlack(upright.left)).toBe(false);
      expect(upright.left).not.toEqual(upright.right);
      expect(turned).toEqual({ left: upright.right, right: upright.left });
    });

    it('but not of an image that does not say how it lies', async () => {
      const silent = await drawn(writeNifti(black, shape, { ...geometry, sformCode: 0, qformCode: 0 }));
      expect([isBlack(silent.left), isBlack(silent.right)]).toEqual([true, true]);
    });
  });

  it.each([
    { cut: 'image', says: /the image .*image\.nii\.gz cannot be read: / },
    { cut: 'labels', says: /the label map is no label map: / },
    { cut: 'reference', says: /the reference is no label map: / },
  ])('says which file cannot be read: the $cut', async ({ cut, says }) => {
    await truncate(at(`${cut}.nii.gz`), 500);
    const files = { image: at('image.nii.gz'), labels: at('labels.nii.gz'), reference: at('reference.nii.gz') };
    await expect(plotOverlay({ ...files, out: at('a.png') })).rejects.toMatchObject({
      code: 'DATASET_FAULTY',
      message: expect.stringMatching(says),
    });
  });

  it('refuses a label map on another grid, and another ending than .png', async () => {
    await writeFile(at('small.nii.gz'), writeNifti(Float32Array.of(0, 1), shapeZyx(1, 1, 2), geometry));
    const files = { image: at('image.nii.gz'), labels: at('small.nii.gz'), out: at('a.png') };
    await expect(plotOverlay(files)).rejects.toMatchObject({ code: 'DATASET_FAULTY' });
    await expect(plotOverlay({ ...files, out: at('a.svg') })).rejects.toMatchObject({ code: 'FILE_UNUSABLE' });
    await expect(plotOverlay({ ...files, image: at('none.nii.gz') })).rejects.toThrow(/there is no file/);
  });
});
