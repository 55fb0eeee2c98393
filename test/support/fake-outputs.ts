// What steps are made up to have made, in the shapes that a controller reads: for tests in which nobody computes.

import { type Shape, spacingZyx } from '#core/geometry/axes.ts';
import type { FoldName } from '#core/training/folds.ts';
import { formatFingerprint } from '#formats/fingerprint-json.ts';
import type { Cases } from '#steps/cases.ts';
import type { Json } from '#steps/step.ts';

export interface FakeOutputs {
  /** By path. */
  readonly files: Readonly<Record<string, string>>;
  /** For the manifest. */
  readonly result: Json;
}

const NO_FILE = { path: 'none.nii.gz', sha256: '0'.repeat(64), bytes: 1 };
const BEST = { members: ['2d'], voting: 'soft', meanDice: 0.75 };

/** Of a Dice of 0.75. */
const COUNTS = { TP: 3, FP: 1, FN: 1, TN: 5, Dice: 0.75 };

/** @param shape of every case, at 1 mm: it decides which configurations are planned. */
export function fakeIngest({ cases, shape }: { readonly cases: number; readonly shape: Shape<'zyx'> }): FakeOutputs {
  const caseIds = Array.from({ length: cases }, (_, i) => `case_${i}`);
  return {
    files: {
      'cases.json': JSON.stringify(fakeCases(caseIds)),
      'dataset_fingerprint.json': formatFingerprint({
        spacings: caseIds.map(() => spacingZyx(1, 1, 1)),
        shapesAfterCrop: caseIds.map(() => shape),
        foregroundIntensities: [{ mean: 1, median: 1, std: 1, min: 0, max: 2, percentile00_5: 0, percentile99_5: 2 }],
        medianRelativeSizeAfterCropping: 1,
      }),
      'dataset.json': '{}',
    },
    result: {
      trainingCases: cases,
      warnings: { total: 1, first: [{ caseId: 'case_4', message: 'the label holds background only' }] },
    },
  };
}

const fakeCases = (caseIds: readonly string[]): Cases => ({
  dataset: {
    name: 'Fake',
    channelNames: ['MRI'],
    labels: [
      { name: 'background', value: 0 },
      { name: 'thing', value: 1 },
    ],
    fileEnding: '.nii.gz',
    numTraining: caseIds.length,
  },
  training: caseIds.map((caseId) => ({ caseId, images: [NO_FILE], label: NO_FILE })),
  test: [],
});

export const FAKE_PREPROCESSING: FakeOutputs = { files: {}, result: null };

/** @param weights what makes one training differ from others. */
export function fakeTraining(fold: FoldName, weights = 'weights'): FakeOutputs {
  const caseId = `case_${fold}`;
  const summary = {
    foreground_mean: { Dice: 0.75 },
    mean: { 1: { Dice: 0.75 } },
    metric_per_case: [{ metrics: { 1: COUNTS }, prediction_file: caseId, reference_file: caseId }],
  };
  return {
    files: {
      'final.safetensors': weights,
      'best.safetensors': 'best weights',
      'metrics.jsonl': '',
      'validation/summary.json': JSON.stringify(summary),
      [`validation/${caseId}.nii.gz`]: `label map of ${caseId}`,
    },
    result: { meanDice: 0.75, seconds: 1 },
  };
}

/** @param configurations that were trained. */
export const fakeEnsemble = (configurations: readonly string[]): FakeOutputs => ({
  files: { 'ranking.json': '[]', 'postprocessing.json': '{}' },
  result: { ranking: [BEST], configurations: configurations.map((name) => ({ name, meanDice: 0.75 })) },
});

export const fakePublication = (): FakeOutputs => ({
  files: { 'model.json': '{}', '2d/fold_0.safetensors': 'weights' },
  result: { best: BEST },
});
