// Golden values: segmentations that nnU-Net 2.8.1 predicted with a model that it trained itself (model_small, see
// shared/golden/README.md). Over 99.9 % of the voxels equal, Dice within 1e-3.

import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openEngine } from '#compute/open-engine.ts';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { product } from '#core/geometry/axes.ts';
import { readNifti } from '#formats/nifti.ts';
import { ModelFolder } from '#prediction/model-folder.ts';
import { Predictor } from '#prediction/predictor.ts';
import { assertClose } from '#test/assert-close.ts';
import { engineAbsence } from '#test/engine-absence.ts';
import { readNpz } from '#test/npy.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { homeAt } from '../../services/cli/home.ts';
import { importNnunet } from '../../services/cli/import/import-nnunet.ts';

const GOLDEN = 'golden/model_small_predictions';
const DATA = 'data/Task04_Hippocampus';

interface Summary {
  readonly metric_per_case: { readonly metrics: Record<string, { Dice: number }>; readonly prediction_file: string }[];
}

interface Statistics {
  readonly shape: number[];
  readonly mean_per_channel: number[];
}

function goldenDice(folder: string, file: string, label: number): number {
  const summary: Summary = JSON.parse(readFileSync(sharedPath(`${GOLDEN}/${folder}/summary.json`), 'utf8'));
  const found = summary.metric_per_case.find(({ prediction_file }) => prediction_file === file);
  return found?.metrics[label]?.Dice ?? Number.NaN;
}

/** Of all others nnU-Net kept statistics only. */
const CASE_WITH_PROBABILITIES = 'hippocampus_036';

/** The probabilities of nnU-Net's one case are float16. */
function expectProbabilities(file: string, probabilities: Float32Array | null): void {
  const [caseId = ''] = file.split('.');
  const path = (name: string) => sharedPath(`${GOLDEN}/golden/${name}`);
  const statistics: Statistics = JSON.parse(readFileSync(path('probabilities.json'), 'utf8'))[caseId];
  const has = probabilities ?? new Float32Array();
  const voxels = has.length / statistics.mean_per_channel.length;
  const means = statistics.mean_per_channel.map(
    (_, channel) => has.subarray(channel * voxels, (channel + 1) * voxels).reduce((sum, p) => sum + p, 0) / voxels,
  );
  expect(has).toHaveLength(product(statistics.shape));
  assertClose(means, statistics.mean_per_channel, { atol: 1e-4 }, `mean probability of ${caseId}, channel`);
  if (caseId !== CASE_WITH_PROBABILITIES) return;
  const golden = readNpz(readFileSync(path(`${caseId}.npz`))).get('probabilities');
  // nnU-Net adds tiles in float16: logits of 10 are good to 0.005, and so are probabilities near a half.
  assertClose(has, golden?.data ?? [], { atol: 0.01 }, `probability of ${caseId}`);
}

const volume = async (path: string) => readNifti(await readFile(sharedPath(path)));

const engine = (await engineAbsence('torch')) === null ? 'torch' : 'tfjs';

describeWithShared('a model that nnU-Net trained, imported', GOLDEN, () => {
  it.each([
    { folder: 'golden', changes: {} },
    { folder: 'golden_notta', changes: { mirroring: false } },
  ])(`predicts on ${engine} what nnU-Net predicts: $folder`, { timeout: 300_000 }, async ({ folder, changes }) => {
    await using temporary = await temporaryFolder();
    const imported = await importNnunet({
      folder: sharedPath('golden/model_small/nnUNetTrainer__nnUNetPlansSmall__3d_small'),
      folds: null,
      checkpoint: 'final',
      name: 'small',
      home: homeAt(temporary.path),
      codeVersion: '0.0.0',
    });
    await using opened = await openEngine({ engine, device: 'cpu', dtype: 'float32', threads: 1 });
    const model = await ModelFolder.open((path) => readFile(join(imported.folder, path)));
    await using predictor = await Predictor.open(model, opened, { ...model.inference, ...changes });
    const cases = (await readdir(sharedPath(`${GOLDEN}/${folder}`))).filter((name) => name.endsWith('.nii.gz'));
    expect(cases).toHaveLength(3);
    expect(cases).toContain(`${CASE_WITH_PROBABILITIES}.nii.gz`);
    for (const file of cases) {
      const image = await volume(`${DATA}/imagesTr/${file}`);
      const raw = { caseId: file, image };
      const { segmentation, probabilities } = await predictor.predict(raw, { probabilities: true });
      const golden = Uint8Array.from((await volume(`${GOLDEN}/${folder}/${file}`)).data);
      const differing = segmentation.filter((label, i) => label !== golden[i]).length;
      expect(differing / golden.length, file).toBeLessThan(0.001);
      if (folder === 'golden') expectProbabilities(file, probabilities);
      const reference = (await volume(`${DATA}/labelsTr/${file}`)).data;
      evaluateCase(segmentation, reference, [1, 2]).forEach(({ dice }, i) => {
        expect(Math.abs(dice - goldenDice(folder, file, i + 1)), `Dice of ${file}`).toBeLessThan(1e-3);
      });
    }
  });
});
