import { oneHot } from '#core/augmentation/previous-stage.ts';
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
export function withPreviousStageChannels(
  image: Image<'net'>,
  labels: Int16Array,
  foreground: readonly number[],
): Image<'net'> {
  const voxels = product(image.shape);
  if (labels.length !== voxels)
    throw new RangeError(`expected a previous stage of ${voxels} voxels as the image, got ${labels.length}`);
  const channels = image.channels + foreground.length;
  const data = new Float32Array(channels * voxels);
  data.set(image.data);
  for (const [i, channel] of oneHot(labels, foreground).entries()) data.set(channel, (image.channels + i) * voxels);
  return { ...image, channels, data };
}
