import { join } from 'node:path';
import { PLANNABLE_CONFIGURATIONS, planExperiment } from '#core/planning/plan-experiment.ts';
import type { PlannerName } from '#core/planning/planners.ts';
import type { Plans } from '#core/planning/plans.ts';
import { parseDatasetJson } from '#formats/dataset-json.ts';
import { parseFingerprint } from '#formats/fingerprint-json.ts';
import { formatPlans } from '#formats/plans-json.ts';
import { readerWriterName } from '#formats/reader-writer-name.ts';
import { parsedAs, textOf, writeOutput } from '../file.ts';

/** What to plan, from what somebody measured earlier. */
export interface FingerprintRequest {
  /** Path of a dataset_fingerprint.json. */
  readonly fingerprint: string;
  /** Path of the dataset.json that belongs to it. */
  readonly datasetJson: string;
  /** Folder for plans.json, and copies of both. */
  readonly output: string;
  readonly planner: PlannerName;
  /** `null`: what the planner was made for. */
  readonly gpuMemoryTargetGiB: number | null;
}

/**
 * Plans without images: arithmetic on a fingerprint. Writes `plans.json` and, beside it, what it was made from.
 *
 * @throws {FileUnusableError} for a fingerprint that cannot be read. @throws {InvalidDatasetError} for a bad dataset.json.
 */
export async function planFingerprint(request: FingerprintRequest): Promise<Plans> {
  const fingerprintText = await textOf(request.fingerprint);
  const datasetText = await textOf(request.datasetJson);
  const { description } = parseDatasetJson(datasetText);
  const fingerprint = parsedAs('dataset_fingerprint.json', request.fingerprint, fingerprintText, parseFingerprint);
  const plans = planExperiment(fingerprint, description, {
    planner: request.planner,
    imageReaderWriter: readerWriterName(description.fileEnding, fingerprint.shapesAfterCrop),
    gpuMemoryTargetGiB: request.gpuMemoryTargetGiB,
    overrides: {},
    configurations: PLANNABLE_CONFIGURATIONS,
  });
  await writeOutput(join(request.output, 'dataset_fingerprint.json'), fingerprintText);
  await writeOutput(join(request.output, 'dataset.json'), datasetText);
  await writeOutput(join(request.output, 'plans.json'), formatPlans(plans));
  return plans;
}
