import { product } from '#core/geometry/axes.ts';
import type { Image } from '#core/geometry/volume.ts';

/**
 * An image with one more channel per foreground label: 1 where the previous stage's label map says so, else 0.
 *
 * @param labels of the previous stage on the image's grid, (...shape); values that are none of `foreground` (-1 too) are
 * 0 in every channel.
 * @param foreground in the order of the channels, ascending.
 * @throws {RangeError} when the map is of another size.
 * @see nnU-Net v2, utilities/label_handling, convert_labelmap_to_one_hot
 */
export function withPreviousStage(
  image: Image<'net'>,
  labels: Int16Array | Uint8Array,
  foreground: readonly number[],
): Image<'net'> {
  const voxels = product(image.shape);
  if (labels.length !== voxels)
    throw new RangeError(`expected a previous stage of ${voxels} voxels as the image, got ${labels.length}`);
  const data = new Float32Array((image.channels + foreground.length) * voxels);
  data.set(image.data);
  foreground.forEach((label, i) => {
    const channel = data.subarray((image.channels + i) * voxels);
    for (let at = 0; at < voxels; at++) if (labels[at] === label) channel[at] = 1;
  });
  return { ...image, channels: image.channels + foreground.length, data };
}
