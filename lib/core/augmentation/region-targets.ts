import { type LabelOrRegion, labelsOf } from '#core/dataset/label-or-region.ts';

/**
 * A label map as one binary channel per region, (regions, ...shape), which a sigmoid each is trained towards; with an
 * ignore label one more channel, 1 on the voxels to leave out.
 *
 * @see batchgeneratorsv2, ConvertSegmentationToRegionsTransform
 */
export function regionTargets(label: Int16Array, regions: readonly LabelOrRegion[], ignore: number | null): Uint8Array {
  const channels = ignore === null ? regions : [...regions, ignore];
  const targets = new Uint8Array(channels.length * label.length);
  for (const [i, region] of channels.entries()) {
    const members = labelsOf(region);
    label.forEach((value, voxel) => {
      if (members.includes(value)) targets[i * label.length + voxel] = 1;
    });
  }
  return targets;
}
