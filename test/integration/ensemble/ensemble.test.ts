import { readdir } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import { contentDigest } from '#steps/manifest.ts';
import type { Json } from '#steps/step.ts';
import { outputKey } from '#steps/step-keys.ts';
import { type CrossValidationParts, StoredCrossValidation } from '#test/a-cross-validation.ts';
import { FakeControllerLink } from '#test/fake-controller-link.ts';
import {
  caseIds,
  expectSameMetrics,
  HEADS,
  MODELS,
  probabilitiesOf,
  readJson,
  SHAPE,
  truthOf,
} from '#test/golden-selection.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { MemoryBus } from '#test/memory-bus.ts';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { describeWithShared } from '#test/shared.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { loadConfig } from '../../../services/ensemble/config.ts';
import { start } from '../../../services/ensemble/service.ts';

let folder: TemporaryFolder;
let objects: MemoryObjectStore;
let checkpoint: AbortController;
beforeEach(async () => {
  folder = await temporaryFolder();
  objects = new MemoryObjectStore();
  checkpoint = new AbortController();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Runs the program on a step. @returns its exit code. */
const run = (stored: StoredCrossValidation, step: string): Promise<number> =>
  start(
    loadConfig({
      STEP: step,
      ATTEMPT: '1',
      CONTROLLER_ADDRESS: '127.0.0.1:1',
      CONTROLLER_TOKEN: 'token',
      OBJECTS: 'file:///objects',
      BUS: 'file:///bus',
      SCRATCH: folder.path,
    }),
    {
      version: '0.1.0',
      store: stored.store,
      link: new FakeControllerLink({}),
      credentials: null,
      clock: new ManualClock(),
      log: new RecordingLogger(),
      datasets: () => objects,
      bus: new MemoryBus(),
      signals: { checkpoint: checkpoint.signal, now: new AbortController().signal },
    },
  );

const text = async (stored: StoredCrossValidation, step: string, path: string): Promise<string> =>
  (await stored.store.outputs(step)).readText(path);

/** Runs the ensemble step to its end and remembers it for publish. */
async function ensembled(stored: StoredCrossValidation, options: Json): Promise<string> {
  const step = await stored.describe('ensemble', options);
  expect(await run(stored, step)).toBe(EXIT_CODES.done);
  await stored.remember('ensemble', step);
  return step;
}

// Two cases of four voxels in a row; the truth is 0 1 1 0 in both.
const truth = Uint8Array.of(0, 1, 1, 0);
const foreground = (...p: number[]): Float32Array => Float32Array.from([...p.map((q) => 1 - q), ...p]);
const tiny = (probabilities: Readonly<Record<string, Float32Array>>, cases = ['case_a', 'case_b']) =>
  ({
    shape: [1, 1, 4],
    labels: [
      { name: 'background', value: 0 },
      { name: 'blob', value: 1 },
    ],
    truth: new Map(cases.map((caseId) => [caseId, truth])),
    configurations: Object.keys(probabilities),
    folds: 2,
    probabilities: (configuration: string) => probabilities[configuration] ?? new Float32Array(),
  }) satisfies CrossValidationParts;

const optionsOf = (parts: CrossValidationParts, voting: ('soft' | 'hard')[]) => ({
  configurations: parts.configurations,
  folds: parts.folds,
  voting,
});

describe('the ensemble step', () => {
  // 2d misses a voxel and is unsure of it; 3d_fullres sees one too many, and is unsure of that.
  const disagreeing = tiny({
    '2d': foreground(0.1, 0.9, 0.4, 0.1),
    '3d_fullres': foreground(0.55, 0.7, 0.9, 0.1),
  });

  it('prefers a pair that scores higher, and soft to hard where both score the same', async () => {
    const stored = await StoredCrossValidation.create(objects, disagreeing);
    const step = await ensembled(stored, optionsOf(disagreeing, ['soft', 'hard']));
    // Soft: 0.325, 0.8, 0.65, 0.1. Hard: the highest for background 0.9, 0.3, 0.6, 0.9; for the blob 0.55, 0.9, 0.9, 0.1.
    expect(JSON.parse(await text(stored, step, 'ranking.json'))).toEqual([
      { members: ['2d', '3d_fullres'], voting: 'soft', meanDice: 1 },
      { members: ['2d', '3d_fullres'], voting: 'hard', meanDice: 1 },
      { members: ['3d_fullres'], voting: 'soft', meanDice: 0.8 },
      { members: ['2d'], voting: 'soft', meanDice: 2 / 3 },
    ]);
    expect(JSON.parse(await text(stored, step, 'inference.json'))).toEqual({
      members: ['2d', '3d_fullres'],
      voting: 'soft',
      folds: [0, 1],
      postprocessing: [],
      labels: disagreeing.labels,
    });
    expect((await stored.store.outputs(step)).list('')).toEqual([
      'inference.json',
      'postprocessing.json',
      'ranking.json',
      'summaries/2d+3d_fullres-hard.json',
      'summaries/2d+3d_fullres-soft.json',
      'summaries/2d.json',
      'summaries/3d_fullres.json',
    ]);
    expect((await stored.store.manifest(step))?.result).toMatchObject({
      configurations: [
        { name: '2d', meanDice: 2 / 3 },
        { name: '3d_fullres', meanDice: 0.8 },
      ],
    });
  });

  it('lists a single configuration once, and keeps the first of two that score the same', async () => {
    const same = tiny({ '2d': foreground(0, 1, 1, 0), '3d_fullres': foreground(0, 1, 1, 0) });
    const stored = await StoredCrossValidation.create(objects, same);
    const step = await ensembled(stored, optionsOf(same, ['hard']));
    const ranking: { members: string[]; voting: string }[] = JSON.parse(await text(stored, step, 'ranking.json'));
    expect(ranking.map(({ members, voting }) => `${members.join('+')} ${voting}`)).toEqual([
      '2d soft',
      '3d_fullres soft',
      '2d+3d_fullres hard',
    ]);
  });

  it('finds the rule that removes a stray component', async () => {
    const stray = tiny({ '2d': foreground(0.9, 0, 0.9, 0.9) });
    const withStray = {
      ...stray,
      truth: new Map([...stray.truth.keys()].map((id) => [id, Uint8Array.of(0, 0, 1, 1)])),
    };
    const stored = await StoredCrossValidation.create(objects, withStray);
    const step = await ensembled(stored, optionsOf(withStray, ['soft']));
    expect(JSON.parse(await text(stored, step, 'inference.json')).postprocessing).toEqual([[1]]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('writes null for a score that is not a number, and ranks it last', async () => {
    const empty = tiny({ '2d': foreground(0, 0, 0, 0), '3d_fullres': foreground(0, 1, 0, 0) });
    const nothing = { ...empty, truth: new Map([...empty.truth.keys()].map((id) => [id, new Uint8Array(4)])) };
    const stored = await StoredCrossValidation.create(objects, nothing);
    const step = await ensembled(stored, optionsOf(nothing, []));
    expect(JSON.parse(await text(stored, step, 'ranking.json'))).toEqual([
      { members: ['3d_fullres'], voting: 'soft', meanDice: 0 },
      { members: ['2d'], voting: 'soft', meanDice: null },
    ]);
    expect(await text(stored, step, 'summaries/2d.json')).toContain('"Dice": NaN');
  });

  it('makes the same outputs whenever it runs', async () => {
    const digests = [];
    for (const again of [new MemoryObjectStore(), new MemoryObjectStore()]) {
      objects = again;
      const stored = await StoredCrossValidation.create(again, disagreeing);
      const step = await ensembled(stored, optionsOf(disagreeing, ['soft', 'hard']));
      digests.push(contentDigest((await stored.store.outputs(step)).manifest));
    }
    expect(digests[0]).toBe(digests[1]);
  });

  it('yields when it is asked to stop', async () => {
    const stored = await StoredCrossValidation.create(objects, disagreeing);
    const step = await stored.describe('ensemble', optionsOf(disagreeing, ['soft']));
    checkpoint.abort();
    expect(await run(stored, step)).toBe(EXIT_CODES.yielded);
    expect(await stored.store.manifest(step)).toBeUndefined();
  });

  it('fails when a reference label is no longer what was ingested', async () => {
    const stored = await StoredCrossValidation.create(objects, disagreeing);
    await objects.put('labelsTr/case_b.nii.gz', new Uint8Array(3));
    const step = await stored.describe('ensemble', optionsOf(disagreeing, ['soft']));
    expect(await run(stored, step)).toBe(EXIT_CODES.failed);
    expect((await stored.store.failure(step, 1))?.message).toContain('labelsTr/case_b.nii.gz');
  });

  it('fails when a fold lacks the probabilities that a pair needs', async () => {
    const broken = { ...disagreeing, probabilities: () => new Float32Array(8) };
    const stored = await StoredCrossValidation.create(objects, broken);
    const { manifest } = await stored.store.outputs(await trainStep(stored));
    const chunk = Object.keys(manifest.outputs).find((path) => path.includes('/c/')) ?? '';
    const key = outputKey(manifest.step, manifest.attempt, chunk);
    await objects.delete(key);
    const step = await stored.describe('ensemble', optionsOf(broken, ['soft']));
    expect(await run(stored, step)).toBe(EXIT_CODES.failed);
    expect((await stored.store.failure(step, 1))?.message).toContain(key);
  });
});

/** Digest of the training of 2d, fold 0. */
async function trainStep(stored: StoredCrossValidation): Promise<string> {
  const { inputSteps } = await stored.store.description(await stored.describe('ensemble', {}));
  return inputSteps['train/2d/0'] ?? '';
}

describe('the publish step', () => {
  const parts = tiny({ '2d': foreground(0.1, 0.9, 0.4, 0.1), '3d_fullres': foreground(0.55, 0.7, 0.9, 0.1) });
  const publishOptions = { model: 'blobs', stepFraction: 0.5, mirroring: false };

  async function published() {
    const stored = await StoredCrossValidation.create(objects, parts);
    await ensembled(stored, optionsOf(parts, ['hard']));
    const step = await stored.describe('publish', publishOptions);
    expect(await run(stored, step)).toBe(EXIT_CODES.done);
    return { stored, step };
  }

  it('gathers the winner’s weights of every fold, the plans and how to predict', async () => {
    const { stored, step } = await published();
    expect((await stored.store.outputs(step)).list('')).toEqual([
      '2d/fold_0.best.safetensors',
      '2d/fold_0.safetensors',
      '2d/fold_1.best.safetensors',
      '2d/fold_1.safetensors',
      '3d_fullres/fold_0.best.safetensors',
      '3d_fullres/fold_0.safetensors',
      '3d_fullres/fold_1.best.safetensors',
      '3d_fullres/fold_1.safetensors',
      'dataset.json',
      'inference.json',
      'model.json',
      'plans.json',
    ]);
    expect(await text(stored, step, '3d_fullres/fold_1.safetensors')).toBe('final weights of 3d_fullres, fold 1');
    expect(await text(stored, step, '3d_fullres/fold_1.best.safetensors')).toBe('best weights of 3d_fullres, fold 1');
    expect(JSON.parse(await text(stored, step, 'inference.json'))).toMatchObject({
      members: ['2d', '3d_fullres'],
      voting: 'hard',
      stepFraction: 0.5,
      mirroring: false,
    });
  });

  it('says where everything came from, with the digest of every file', async () => {
    const { stored, step } = await published();
    const { manifest } = await stored.store.outputs(step);
    const model = JSON.parse(await text(stored, step, 'model.json'));
    const { 'model.json': _, ...others } = manifest.outputs;
    expect(model.files).toEqual(others);
    expect(model).toMatchObject({
      name: 'blobs',
      task: 'phantom',
      codeVersion: '0.1.0',
      best: { members: ['2d', '3d_fullres'], voting: 'hard', meanDice: 1 },
      provenance: {
        plansDigest: manifest.outputs['plans.json']?.sha256,
        dataDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
        trainingCases: 2,
        trainings: { '2d/fold_0': { seed: 7, meanDice: 0.5, numerics: { engine: 'torch', threads: 1 } } },
      },
    });
    expect(model.ranking).toHaveLength(3);
    expect(manifest.result).toEqual({ best: model.best });
  });
});

describeWithShared('the ensemble step agrees with nnU-Net', 'golden/selection', () => {
  it('on the ranking, the winner, its summary and its postprocessing', async () => {
    const parts: CrossValidationParts = {
      shape: SHAPE,
      labels: ['background', 'Anterior', 'Posterior'].map((name, value) => ({ name, value })),
      truth: new Map(caseIds().map((caseId) => [caseId, truthOf(caseId)])),
      configurations: MODELS,
      folds: 5,
      probabilities: probabilitiesOf,
    };
    expect(parts.labels).toHaveLength(HEADS);
    const stored = await StoredCrossValidation.create(objects, parts);
    const step = await ensembled(stored, { configurations: MODELS, folds: 5, voting: ['soft'] });

    const wanted: [string, number][] = readJson('overview.json').ranking;
    const ranking: { members: string[]; meanDice: number }[] = JSON.parse(await text(stored, step, 'ranking.json'));
    expect(ranking.map(({ members }) => members.map((member) => `nnUNetTrainer__nnUNetPlans__${member}`))).toEqual(
      wanted.map(([name]) => name.match(/nnUNetTrainer__nnUNetPlans__\w+?(?=___|$)/g)),
    );
    // 1e-12: NumPy adds up in another order.
    for (const [i, { meanDice }] of ranking.entries()) expect(meanDice).toBeCloseTo(wanted[i]?.[1] ?? Number.NaN, 12);

    const { metric_per_case: _, ...means } = JSON.parse(
      (await text(stored, step, 'summaries/2d+3d_lowres-soft.json')).replaceAll('NaN', 'null'),
    );
    const { metric_per_case: __, ...wantedMeans } = readJson('results/2d+3d_lowres/summary.json');
    expectSameMetrics(means, wantedMeans);
    expectSameMetrics(
      JSON.parse(await text(stored, step, 'postprocessing.json')),
      readJson('results/2d+3d_lowres/postprocessing.json'),
    );
    expect(JSON.parse(await text(stored, step, 'inference.json')).postprocessing).toEqual([1, 2]);
  });
});
