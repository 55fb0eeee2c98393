// What dataset.json says, whichever of the layouts it came from. Read by `lib/formats/dataset-json.ts`.

import type { LabelOrRegion } from './label-or-region.ts';

/** A line of dataset.json's `labels`; the one named `ignore` is no label but marks voxels that nobody judged. */
export interface DeclaredLabel {
  readonly name: string;
  readonly value: LabelOrRegion;
}

/** Channels and labels of a data set, and how its files end. */
export interface DatasetDescription {
  readonly name: string;
  /** Index = channel number. The name chooses the normalisation. */
  readonly channelNames: readonly string[];
  /** In declaration order, background (0) included. What they mean together: `labelScheme`. */
  readonly labels: readonly DeclaredLabel[];
  /** With regions only: the label that each region writes, in the order of the regions. */
  readonly regionsClassOrder?: readonly number[];
  /** Of images and labels alike, with its dot: `.nii.gz`, `.png`. */
  readonly fileEnding: string;
  readonly numTraining: number;
}
