import { mapChannels, type Patch } from './patch.ts';

/** The named channels set to 0 where the label says outside. */
export const masked = (patch: Patch, channels: readonly number[]): Patch => ({
  ...patch,
  image: mapChannels(patch.image, patch.channels, (channel, index) =>
    channels.includes(index) ? channel.map((value, voxel) => ((patch.label[voxel] ?? 0) < 0 ? 0 : value)) : channel,
  ),
});

/** Label -1 made background. */
export const withoutOutside = (patch: Patch): Patch => ({
  ...patch,
  label: patch.label.map((label) => (label === -1 ? 0 : label)),
});
