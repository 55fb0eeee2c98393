import { type ImageVolume, volumeOf } from './image-volume.ts';
import { PICTURE_SPACING } from './picture-spacing.ts';
import { decodePixels } from './vips-pixels.ts';

/**
 * A PNG as one slice; its colours are channels, in the order red, green, blue, alpha.
 *
 * @throws {UnreadableImageError} for a damaged or truncated file.
 */
export const readPng = async (bytes: Uint8Array): Promise<ImageVolume> =>
  volumeOf(await decodePixels(bytes, 'png'), PICTURE_SPACING);
