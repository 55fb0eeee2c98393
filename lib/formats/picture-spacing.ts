import { type Spacing, spacingZyx } from '#core/geometry/axes.ts';

/**
 * A picture without a spacing of its own: one slice, far thicker than its pixels are wide.
 *
 * @see nnU-Net v2, imageio/natural_image_reader_writer.py
 */
export const PICTURE_SPACING: Spacing<'zyx'> = spacingZyx(999, 1, 1);
