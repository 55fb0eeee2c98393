// What stands under a manifest's `result`, per step kind, and which outputs a step writes.
//
// `preprocess` has no result. Its outputs per case: the Zarr v3 group `cases/<caseId>/` with arrays `image` and `label`,
// and `class_locations/<label>`.

import * as z from 'zod';
import { candidateSchema } from '#api/v1alpha1/kinds.ts';

/** What is odd about the cases of a data set without stopping a training. */
const caseWarningsSchema = z.object({
  total: z.int().min(0),
  /** Of a data set that is odd throughout, only some; each a phrase without the case's id. */
  first: z.array(z.object({ caseId: z.string(), message: z.string() })).readonly(),
});
export type CaseWarnings = z.infer<typeof caseWarningsSchema>;

/** Outputs: `cases.json` (see `cases.ts`), `dataset_fingerprint.json`, `dataset.json`. */
export const ingestResultSchema = z.object({ trainingCases: z.int().min(1), warnings: caseWarningsSchema });
export type IngestResult = z.infer<typeof ingestResultSchema>;

const plannedConfigurationSchema = z.object({
  name: z.string(),
  /** The configuration whose preprocessed arrays it trains on: itself, or for a cascade's second stage 3d_fullres. */
  arraysOf: z.string(),
  /** The configuration whose predictions it builds on. */
  previousStage: z.string().nullable(),
  /** Memory that its training holds on its device, by forecast. */
  trainingBytes: z.number().nonnegative(),
});
/** What the plans say of a configuration that decides which steps there are. */
export type PlannedConfiguration = z.infer<typeof plannedConfigurationSchema>;

/** Outputs: `plans.json`, `splits_final.json`, `dataset.json`. */
export const planResultSchema = z.object({
  /** All that were planned, in the order of the plans. */
  configurations: z.array(plannedConfigurationSchema).readonly(),
  /** Logits of the median case, by forecast. */
  caseBytes: z.number().nonnegative(),
});
export type PlanResult = z.infer<typeof planResultSchema>;

/**
 * Outputs: `final.safetensors`, `best.safetensors`, `metrics.jsonl`, `validation/summary.json`, and per validation case
 * `validation/<caseId>.nii.gz` and the Zarr v3 array `validation/<caseId>/probabilities/` (heads, z, y, x). Of a stage
 * that a cascade builds on also the Zarr v3 array `next_stage/<configuration>/<caseId>/` for each configuration that
 * follows: labels on the grid of its arrays.
 */
export const trainResultSchema = z.object({
  /** Foreground mean of the validation cases; `null` when a label has none. Times stay out: they would change the digest. */
  meanDice: z.number().nullable(),
});
export type TrainResult = z.infer<typeof trainResultSchema>;

/** Outputs: `ranking.json`, `inference.json`, `postprocessing.json`, `summaries/<candidate>.json`. */
export const ensembleResultSchema = z.object({
  /** Best first. */
  ranking: z.array(candidateSchema).readonly(),
  configurations: z.array(z.object({ name: z.string(), meanDice: z.number().nullable() })).readonly(),
});
export type EnsembleResult = z.infer<typeof ensembleResultSchema>;

/**
 * Outputs: `model.json`, `plans.json`, `dataset.json`, `inference.json`, `<configuration>/fold_<n>.safetensors`, and of
 * the best epoch `<configuration>/fold_<n>.best.safetensors`.
 */
export const publishResultSchema = z.object({ best: candidateSchema });
export type PublishResult = z.infer<typeof publishResultSchema>;
