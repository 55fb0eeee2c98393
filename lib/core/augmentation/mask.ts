import { mapChannels, type Patch, withMap } from './patch.ts';

/** The named channels set to 0 where the label says outside. */
export const masked = (patch: Patch, channels: readonly number[]): Patch => ({
  ...patch,
  image: mapChannels(patch.image, patch.channels, (channel, index) =>
    channels.includes(index) ? channel.map((value, voxel) => ((patch.label[voxel] ?? 0) < 0 ? 0 : value)) : channel,
  ),
});

/** Label -1 made background, in the previous stage's map too. */
export const withoutOutside = (patch: Patch): Patch => ({
  ...patch,
  label: insideOnly(patch.label),
  previousStage: withMap(patch.previousStage, insideOnly),
});

const insideOnly = (map: Int16Array): Int16Array => map.map((label) => (label === -1 ? 0 : label));
