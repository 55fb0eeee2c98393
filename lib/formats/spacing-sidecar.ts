// The JSON beside a 3D TIFF, since TIFF has no place for the thickness of a slice: {"spacing": [z, y, x]} in mm.

import * as z from 'zod';
import { type Spacing, spacingZyx } from '#core/geometry/axes.ts';
import { UnreadableImageError } from './unreadable-image-error.ts';

const mm = z.number().positive();
const sidecar = z.object({ spacing: z.tuple([mm, mm, mm]) });

/** @throws {UnreadableImageError} unless it states three numbers above 0. */
export function parseSpacingSidecar(bytes: Uint8Array): Spacing<'zyx'> {
  try {
    return spacingZyx(...sidecar.parse(JSON.parse(new TextDecoder().decode(bytes))).spacing);
  } catch (cause) {
    throw new UnreadableImageError('expected {"spacing": [z, y, x]} in mm in the JSON file beside the TIFF', { cause });
  }
}

/** @see nnU-Net v2, imageio/tif_reader_writer.py */
export const formatSpacingSidecar = (spacing: Spacing<'zyx'>): string => `${JSON.stringify({ spacing })}\n`;
