import { type Spacing, spacingZyx } from '#core/geometry/axes.ts';
import { type ImageVolume, volumeOf } from './image-volume.ts';
import { PICTURE_SPACING } from './picture-spacing.ts';
import { parseSpacingSidecar } from './spacing-sidecar.ts';
import { withPlainTags } from './tiff-tags.ts';
import { decodePixels } from './vips-pixels.ts';

/**
 * A TIFF, whose pages are slices. Samples are taken as stored, even where the file asks for a palette or for 0 as white.
 *
 * @param sidecar the JSON file with the spacing, if there is one. Without it a single page is a picture; several have
 * spacing 1 x 1 x 1 mm, with a warning.
 * @throws {UnreadableImageError} for a damaged file, pages of different sizes, samples that are no 8-, 16- or 32-bit
 * numbers, or a sidecar without a spacing.
 */
export async function readTiff(bytes: Uint8Array, sidecar?: Uint8Array): Promise<ImageVolume> {
  const { plain, signed16 } = withPlainTags(bytes);
  const pixels = await decodePixels(plain, 'tiff');
  const data = signed16 ? Float32Array.from(pixels.data, (v) => (v < 0x8000 ? v : v - 0x10000)) : pixels.data;
  const { spacing, warnings } = spacingOf(pixels.pages, sidecar);
  return volumeOf({ ...pixels, data }, spacing, warnings);
}

function spacingOf(pages: number, sidecar: Uint8Array | undefined): { spacing: Spacing<'zyx'>; warnings: string[] } {
  if (sidecar) return { spacing: parseSpacingSidecar(sidecar), warnings: [] };
  if (pages === 1) return { spacing: PICTURE_SPACING, warnings: [] };
  return {
    spacing: spacingZyx(1, 1, 1),
    warnings: ['a TIFF has no JSON file with its spacing beside it; taken as 1 x 1 x 1 mm'],
  };
}
