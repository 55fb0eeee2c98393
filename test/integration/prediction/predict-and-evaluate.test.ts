import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { readNifti, writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import { aModel } from '#test/a-model.ts';
import { engineAbsence } from '#test/engine-absence.ts';
import { readNpz } from '#test/npy.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';

const MAIN = fileURLToPath(new URL('../../../services/cli/main.ts', import.meta.url));

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `pentafold` as a person would. */
const pentafold = (...args: string[]): Promise<Ended> =>
  new Promise((resolve, reject) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr });
    });
  });

let folder: TemporaryFolder;
const at = (...path: string[]): string => join(folder.path, ...path);
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const SHAPE = [5, 7, 6] as const;
const VOXELS = 5 * 7 * 6;
// Twice as thick as planned on one axis: the image is resampled there and back.
const GRID = { ...axisAlignedGeometry(spacingZyx(2, 1, 1)), qformOffset: [-3, 4, 5] };

async function putImage(path: string, voxel: (i: number) => number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const data = Float32Array.from({ length: VOXELS }, (_, i) => voxel(i));
  await writeFile(path, writeNifti(data, shapeZyx(...SHAPE), GRID));
}

async function putModel(path: string, files = aModel({ members: ['2d', '3d_fullres'], folds: [0, 1] })): Promise<void> {
  for (const [name, bytes] of files) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), bytes);
  }
}

for (const engine of ['torch', 'tfjs'] as const) {
  const absence = await engineAbsence(engine);
  const title = `pentafold predict on ${engine}${absence === null ? '' : ` (skipped: ${absence})`}`;
  const required = engine === 'torch' && process.env.REQUIRE_TORCH === '1';
  describe.skipIf(absence !== null && !required)(title, () => {
    const predict = (...args: string[]) =>
      pentafold('predict', '-i', at('images'), '-o', at('out'), '--engine', engine, '--threads', '1', ...args);

    it('segments each image on its own grid with a model of the home, and says what failed', async () => {
      await putModel(at('home', 'models', 'blobs'));
      await putImage(at('images', 'good_0000.nii.gz'), (i) => Math.sin(i));
      await putImage(at('images', 'bad_0000.nii.gz'), () => Number.NaN);
      const ended = await predict('-m', 'blobs', '--home', at('home'), '--save-probabilities', '--json');
      expect(ended.exitCode).toBe(1);
      expect(ended.stderr.split('\n')).toEqual([
        `Predicting 2 cases with model blobs: 2d + 3d_fullres (soft voting), folds 0 1, no mirroring; engine ${engine}, 1 thread`,
        `error: case bad: channel 0 is NaN, infinite or too large for float32 in ${VOXELS} voxels`,
        expect.stringMatching(/^2\/2 good: done in [\d.]+ s$/),
        expect.stringMatching(/^1 case predicted in \d+s: .*out; 1 case failed, named above$/),
        '',
      ]);
      expect(JSON.parse(ended.stdout)).toMatchObject({
        model: 'blobs',
        version: null,
        output: at('out'),
        predicted: [{ caseId: 'good', file: at('out', 'good.nii.gz') }],
        failed: [{ caseId: 'bad' }],
      });
      expect(await readdir(at('out'))).toEqual(['dataset.json', 'good.nii.gz', 'good.npz', 'predicted-with.json']);

      const { geometry, shape, data } = readNifti(await readFile(at('out', 'good.nii.gz')));
      expect(geometry).toEqual(GRID);
      expect(shape).toEqual([...SHAPE]);
      const probabilities = readNpz(await readFile(at('out', 'good.npz'))).get('probabilities');
      expect(probabilities?.shape).toEqual([2, ...SHAPE]);
      const blob = (i: number) => probabilities?.data[VOXELS + i] ?? Number.NaN;
      expect([...data]).toEqual(Array.from(data, (_, i) => Number(blob(i) > (probabilities?.data[i] ?? 0))));
    });

    it('predicts with some folds, another step and without mirroring, from a model’s folder', async () => {
      await putModel(at('model'), aModel({ folds: [0, 1], mirroring: true }));
      await putImage(at('images', 'case.nii.gz'), (i) => Math.sin(i));
      const probabilities = async (...args: string[]) => {
        const ended = await predict('-m', at('model'), '--save-probabilities', ...args);
        expect(ended).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^1\/1 case: done in/m) });
        expect(ended.stderr).toContain('note: files without a channel number');
        return readNpz(await readFile(at('out', 'case.npz'))).get('probabilities')?.data;
      };
      const asTheModelSays = await probabilities();
      for (const change of [['-f', '1'], ['--step-size', '1'], ['--no-mirroring']])
        expect(await probabilities(...change), change.join(' ')).not.toEqual(asTheModelSays);
      expect(await probabilities('-f', '0', '1', '--step-size', '0.5')).toEqual(asTheModelSays);
    });

    it('ends with 130 when it is interrupted in the middle of a case, and says which are done', async () => {
      await putModel(at('model'), aModel({ folds: [0, 1], mirroring: true }));
      await putImage(at('images', 'a_0000.nii.gz'), (i) => Math.sin(i));
      const large = new Float32Array(90 ** 3).fill(1);
      await writeFile(at('images', 'b_0000.nii.gz'), writeNifti(large, shapeZyx(90, 90, 90), GRID));
      const args = ['predict', '-i', at('images'), '-o', at('out'), '-m', at('model'), '--engine', engine, '--json'];
      for (const delay of engine === 'torch' ? [500, 700, 900] : [500]) {
        const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
        let [said, told] = ['', ''];
        child.stdout.on('data', (bytes) => {
          said += bytes;
        });
        child.stderr.on('data', (bytes) => {
          told += bytes;
          if (String(bytes).includes('1/2 a: done')) setTimeout(() => child.kill('SIGINT'), delay);
        });
        expect(await once(child, 'close'), told).toEqual([130, null]);
        expect(JSON.parse(said)).toMatchObject({ predicted: [{ caseId: 'a' }], kept: [], failed: [] });
      }
    }, 120_000);

    it('goes on only with what it began with', async () => {
      await putModel(at('model'));
      await putImage(at('images', 'a_0000.nii.gz'), (i) => Math.sin(i));
      const goOn = (...args: string[]) => predict('-m', at('model'), '--continue-prediction', ...args);
      expect((await goOn('-f', '0')).exitCode).toBe(0);
      expect(JSON.parse((await goOn('-f', '0', '--json')).stdout)).toMatchObject({ predicted: [], kept: ['a'] });
      expect(await goOn('-f', '1')).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/were predicted with folds \[0\] instead of \[1\].*\n.*PREDICTED_OTHERWISE/),
      });
    });

    it('agrees with itself under evaluate', async () => {
      await putModel(at('model'));
      for (const caseId of ['a', 'b']) await putImage(at('images', `${caseId}_0000.nii.gz`), (i) => Math.cos(i));
      expect((await predict('-m', at('model'))).exitCode).toBe(0);
      const ended = await pentafold('evaluate', at('out'), at('out'), '--labels', '1', '--json');
      expect(JSON.parse(ended.stdout)).toMatchObject({ cases: 2, meanDice: 1, summary: at('out', 'summary.json') });
    });
  });
}

describe('pentafold predict', () => {
  it.each([
    { name: 'a model that is not there', args: ['-m', 'nothing'], want: "error: there is no model 'nothing'" },
    {
      name: 'a step size above 1',
      args: ['-m', 'x', '--step-size', '2'],
      want: 'expected a number above 0 and at most 1',
    },
    { name: 'a fold that is no number', args: ['-m', 'x', '-f', 'some'], want: 'expected a fold such as 0, or all' },
    {
      name: 'the fold of all cases of a model without it',
      args: ['-m', 'MODEL', '-f', 'all'],
      want: 'the model has no fold all; it has the folds 0, 1',
    },
    { name: 'a fold that the model does not have', args: ['-m', 'MODEL', '-f', '7'], want: 'FOLD_NOT_FOUND' },
    { name: 'no thread', args: ['-m', 'x', '--threads', '0'], want: 'expected a whole number of at least 1' },
    { name: 'an unknown engine', args: ['-m', 'x', '--engine', 'abacus'], want: 'Allowed choices are torch, tfjs' },
  ])('refuses $name', async ({ args, want }) => {
    await putModel(at('home', 'models', 'MODEL'));
    const ended = await pentafold('predict', '-i', at('in'), '-o', at('out'), '--home', at('home'), ...args);
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain(want);
  });
});

describe('pentafold evaluate', () => {
  it('prints a table, and writes nnU-Net’s summary where it is told', async () => {
    await putImage(at('gt', 'a.nii.gz'), (i) => i % 3);
    await putImage(at('pred', 'a.nii.gz'), (i) => (i % 3 === 2 ? 0 : i % 3));
    const ended = await pentafold('evaluate', at('gt'), at('pred'), '-o', at('report', 'summary.json'));
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout.split('\n')).toEqual([
      '                   Dice     IoU  precision  recall  Δ volume [ml]',
      '1                1.0000  1.0000     1.0000  1.0000           0.00',
      '2                0.0000  0.0000          -  0.0000          -0.14',
      'foreground mean  0.5000  0.5000',
      expect.stringMatching(/^A dash: there is no number/),
      expect.stringMatching(/Foreground mean: over all labels but the background/),
      `1 case; written to ${at('report', 'summary.json')}`,
      '',
    ]);
    const summary = JSON.parse(await readFile(at('report', 'summary.json'), 'utf8'));
    expect(summary.foreground_mean.Dice).toBe(0.5);
    expect(summary.metric_per_case).toMatchObject([{ prediction_file: at('pred', 'a.nii.gz') }]);
  });

  it('exits with 1 and writes nothing when predictions are missing', async () => {
    for (const caseId of ['a', 'b']) await putImage(at('gt', `${caseId}.nii.gz`), () => 1);
    await putImage(at('pred', 'a.nii.gz'), () => 1);
    const ended = await pentafold('evaluate', at('gt'), at('pred'));
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toContain('COUNTERPARTS_MISSING');
    expect(await readdir(at('pred'))).toEqual(['a.nii.gz']);
  });
});
