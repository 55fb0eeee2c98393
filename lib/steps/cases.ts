// `cases.json`, written by ingest: the verified cases of a data set, each file with its digest.

import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import type { Output } from './manifest.ts';
import type { StepOutputs } from './step-outputs.ts';

/** A file of the raw data set. */
export interface SourceFile extends Output {
  /** Relative to the data set's folder. */
  readonly path: string;
}

export interface SourceCase {
  readonly caseId: string;
  /** Per channel; one 4D file (MSD) stands for all channels. */
  readonly images: readonly SourceFile[];
  readonly label: SourceFile;
  /** JSON files that lie beside them and were read too; absent where there are none. */
  readonly sidecars?: readonly SourceFile[];
}

export interface Cases {
  readonly dataset: DatasetDescription;
  /** Sorted by `caseId`. */
  readonly training: readonly SourceCase[];
  /** Labelled cases kept out, sorted by `caseId`. */
  readonly test: readonly SourceCase[];
}

/** The cases that an ingest step verified. Not parsed: the digest of the file says that ingest wrote it. */
export const readCases = async (ingested: StepOutputs): Promise<Cases> =>
  JSON.parse(await ingested.readText('cases.json'));
