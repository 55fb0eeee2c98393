import type { StepKind } from './step.ts';
import type { StepOutputs } from './step-outputs.ts';

/** Outputs that people and scripts read; arrays and validation predictions are for other steps alone. */
export const SHOWN_OUTPUTS: Readonly<Record<Exclude<StepKind, 'publish'>, readonly string[]>> = {
  ingest: ['cases.json', 'dataset_fingerprint.json'],
  plan: ['plans.json', 'splits_final.json', 'dataset.json'],
  preprocess: [],
  train: ['final.safetensors', 'best.safetensors', 'metrics.jsonl', 'validation/summary.json'],
  ensemble: ['ranking.json', 'postprocessing.json'],
};

/** Paths of what a done step has to show for itself; of a publish step everything, it is the model. */
export const shownOutputs = (kind: StepKind, outputs: StepOutputs): readonly string[] =>
  kind === 'publish' ? outputs.list('') : SHOWN_OUTPUTS[kind];
