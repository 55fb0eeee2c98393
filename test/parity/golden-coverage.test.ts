// Which reference file is compared by which test. A file that is added to the reference data must be named here, or this
// fails; and so must a name that fits no file any more.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeWithShared, sharedPath } from '#test/shared.ts';

/** A pattern of paths below golden/, and the test file that compares them. */
const COMPARED: readonly (readonly [files: RegExp, test: string])[] = [
  [/^augmentation\/[23]d\/(spatial|dummy2d|noise_synchronized|blur|brightness|contrast\.|lowres)/, 'augmentation'],
  [/^augmentation\/[23]d\/(gamma_(inverted_)?retain|mirror|mask|regions|deep_supervision|constant)/, 'augmentation'],
  [/^augmentation\/(cases|spatial_tiny|trainer_transforms)\.json$/, 'augmentation'],
  [/^augmentation\/input_[23]d\.npz$/, 'augmentation'],
  [/^augmentation\/[23]d\/cascade_/, 'cascade-augmentation'],
  [/^augmentation\/initial_patch_sizes\.json$/, 'patch-sampling'],
  [/^cropping\//, 'cropping'],
  [/^inference\/(gaussian\.npz|tile_positions\.json|plans\.json|sliding_window\.npz)$/, 'inference'],
  [/^inference\/sliding_window\.json$/, '../support/engine/golden-tests'],
  [/^losses\//, 'losses'],
  [/^model_small\/[^/]+\/(plans|dataset)\.json$/, 'nnunet-model'],
  [/^model_small\/[^/]+\/fold_0\/checkpoint_(final\.pth|contents\.json)$/, 'state-dict'],
  [/^model_small\/[^/]+\/fold_0\/checkpoint_contents\.json$/, 'training-rules'],
  [/^model_small_predictions\/\w+\/(\w+\.nii\.gz|summary\.json)$/, 'nnunet-model'],
  [/^model_small_predictions\/golden\/(hippocampus_036\.npz|probabilities\.json)$/, 'nnunet-model'],
  [/^networks\/\w+\.json$/, 'network-parameters'],
  [/^networks\/(?!d103_resencM_2d)\w+\.npz$/, '../support/engine/golden-tests'],
  [/^normalization\//, 'normalization'],
  [/^planner_random\/\w+\.json$/, 'planning'],
  [/^plans\/\w+\/(dataset|estimate_trace|nnUNet\w*Plans)\.json$/, 'planning'],
  [/^plans\/\w+\/dataset_fingerprint\.json$/, 'planning'],
  [/^plans\/\w+\/splits_final\.json$/, 'splits'],
  [/^plans_made_up\//, 'planning'],
  [/^preprocessing\//, 'preprocessing'],
  [/^resampling\//, 'resampling'],
  [/^selection\/hard_voting\//, 'hard-voting'],
  [/^selection\/largest_component\.npz$/, 'postprocessing'],
  [/^selection\/results\/[^/]+\/(postprocessing(_steps)?|summary_postprocessed)\.json$/, 'postprocessing'],
  [/^selection\/results\/[^/]+\/postprocessed\//, 'postprocessing'],
  [/^selection\/results\/([^/]+\/summary|evaluation\/\w+)\.json$/, 'evaluation'],
  [/^selection\/(truth|models)\//, 'evaluation'],
  [/^selection\/results\/[^/]+\/\w+\.nii\.gz$/, 'selection'],
  [/^selection\/(cases|overview)\.json$/, 'selection'],
  [/^selection\/find_best_configuration\/inference_information\w*\.json$/, 'selection'],
  [/^training\/(splits)\.json$/, 'splits'],
  [/^training\/patch_bbox\.json$/, 'patch-sampling'],
  [/^training\/\w+\.json$/, 'training-rules'],
];

/** Files with nothing to compare. */
const NOT_COMPARED: readonly (readonly [files: RegExp, why: string])[] = [
  [/README\.md$/, 'says what the others are'],
  [/^augmentation\/2d\/(noise_per_channel|contrast_no_preserve)\.npz$/, 'an option that no training takes'],
  [/^augmentation\/[23]d\/gamma_mixed\.npz$/, 'an option that no training takes'],
  [/^inference\/gaussian\.json$/, 'statistics of gaussian.npz, which is compared itself'],
  [/^model_small\/[^/]+\/dataset_fingerprint\.json$/, 'the one below plans/, which is compared itself'],
  [/^model_small\/[^/]+\/fold_0\/(debug\.json|progress\.png|training_log_\w+\.txt)$/, 'for people to read'],
  [/^model_small_predictions\/\w+\/predict_from_raw_data_args\.json$/, 'arguments of another program'],
  [
    /^networks\/d103_resencM_2d\.npz$/,
    'ill-conditioned: two builds of one float32 library differ by percents (docs/log.md); see gradient-tests.ts',
  ],
  [/^selection\/(dataset|nnUNetPlans)\.json$/, 'what nnU-Net was given; ours is given the same in code'],
  [/^selection\/find_best_configuration\/(console|inference_instructions)\.txt$/, 'commands of another program'],
];

const files = (): string[] =>
  readdirSync(sharedPath('golden'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(sharedPath('golden/').length));

const patterns = [...COMPARED, ...NOT_COMPARED].map(([pattern]) => pattern);

describeWithShared('the reference data', 'golden', () => {
  it('is compared file by file, but for those named with a reason', () => {
    expect(files().length).toBeGreaterThan(300);
    expect(files().filter((file) => !patterns.some((pattern) => pattern.test(file)))).toEqual([]);
  });

  it('has a file for every pattern', () => {
    expect(patterns.filter((pattern) => !files().some((file) => pattern.test(file)))).toEqual([]);
  });
});

describe('every test that is said to compare a file', () => {
  it.each([...new Set(COMPARED.map(([, test]) => test))])('%s is there, and reads reference data', (test) => {
    const candidates = [`./${test}.test.ts`, `./${test}.ts`].map((path) =>
      fileURLToPath(new URL(path, import.meta.url)),
    );
    const path = candidates.find((candidate) => existsSync(candidate));
    expect(path, test).toBeDefined();
    expect(readFileSync(path ?? '', 'utf8')).toMatch(/describeWithShared\(/);
  });
});
