import { BadInputError } from '#core/errors.ts';

/** Thrown when bytes are not a PNG, BMP or TIFF image that can be read exactly, or the JSON beside a TIFF says no spacing. */
export class UnreadableImageError extends BadInputError {
  readonly code = 'IMAGE_UNREADABLE';
}
