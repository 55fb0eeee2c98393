// What dataset.json says, whichever of the layouts it came from. Read by `lib/formats/dataset-json.ts`.

/** Channels and labels of a data set, and how its files end. */
export interface DatasetDescription {
  readonly name: string;
  /** Index = channel number. The name chooses the normalisation. */
  readonly channelNames: readonly string[];
  /** In declaration order, background (0) included: name → value. */
  readonly labels: readonly { readonly name: string; readonly value: number }[];
  /** `.nii.gz` or `.nii`. */
  readonly fileEnding: string;
  readonly numTraining: number;
}
