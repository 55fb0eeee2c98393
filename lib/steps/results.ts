// What stands under a manifest's `result`, per step kind, and which outputs a step writes.

import type { Candidate } from '#api/v1alpha1/kinds.ts';

/** Outputs: `cases.json` (see `cases.ts`), `dataset_fingerprint.json`, `dataset.json`. */
export interface IngestResult {
  readonly trainingCases: number;
  readonly testCases: number;
}

/** Outputs: `plans.json`, `splits_final.json`, `dataset.json`. */
export interface PlanResult {
  /** Planned and wanted, in the order of the plans. */
  readonly configurations: readonly string[];
  readonly folds: number;
}

/** Outputs per case: the Zarr v3 group `cases/<caseId>/` with arrays `image` and `label`, and `class_locations/<label>`. */
export interface PreprocessResult {
  readonly cases: number;
}

/**
 * Outputs: `final.safetensors`, `metrics.jsonl`, `validation/summary.json`, and per validation case
 * `validation/<caseId>.nii.gz` and the Zarr v3 array `validation/<caseId>/probabilities/` (heads, z, y, x).
 */
export interface TrainResult {
  /** Foreground mean of the validation cases; `null` when a label has none. Times stay out: they would change the digest. */
  readonly meanDice: number | null;
}

/** Outputs: `ranking.json`, `inference.json`, `postprocessing.json`, `summaries/<candidate>.json`. */
export interface EnsembleResult {
  /** Best first. */
  readonly ranking: readonly Candidate[];
  readonly configurations: readonly { readonly name: string; readonly meanDice: number | null }[];
}

/** Outputs: `model.json`, `plans.json`, `dataset.json`, `inference.json`, `<configuration>/fold_<n>.safetensors`. */
export interface PublishResult {
  readonly best: Candidate;
}
