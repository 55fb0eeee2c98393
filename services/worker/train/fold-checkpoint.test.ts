import { describe, expect, test } from 'vitest';
import type { Numerics } from '#compute/engine.ts';
import { decodeFoldCheckpoint, encodeFoldCheckpoint, type FoldCheckpoint } from './fold-checkpoint.ts';
import { afterStep, newFoldRun } from './fold-run.ts';

const schedule = { epochs: 2, iterationsPerEpoch: 3, validationIterationsPerEpoch: 1, initialLearningRate: 0.01 };
const numerics: Numerics = {
  engine: 'torch',
  version: 'libtorch 2.11.0',
  device: 'cpu',
  dtype: 'float32',
  instructionSet: 'AVX2',
  threads: 1,
};
const checkpoint: FoldCheckpoint = {
  run: afterStep(newFoldRun(3), { loss: 0.1 + 0.2, gradientNorm: 1, skipped: false, lossScale: 1 }),
  numerics,
  weights: new Map([['w', { shape: [2], data: Float32Array.of(0.1, -1e-30) }]]),
  bestWeights: new Map([['w', { shape: [2], data: Float32Array.of(0.3, 7) }]]),
  optimizerState: new Map([['momentum.w', { shape: [2], data: Float32Array.of(3, 4) }]]),
};

describe('a fold checkpoint', () => {
  test('comes back bit for bit, through JSON and safetensors', () => {
    const { files, facts } = encodeFoldCheckpoint(checkpoint, schedule);
    expect(decodeFoldCheckpoint({ files, facts: JSON.parse(JSON.stringify(facts)) })).toEqual(checkpoint);
  });

  test('is newer the more of the fold is done', () => {
    const later = {
      ...checkpoint,
      run: afterStep(checkpoint.run, { loss: 1, gradientNorm: 1, skipped: true, lossScale: 1 }),
    };
    const iterations = [checkpoint, later].map((one) => encodeFoldCheckpoint(one, schedule).iteration);
    expect(iterations).toEqual([3, 6]);
  });

  test('may hold an optimiser that has no state yet', () => {
    const { files, facts } = encodeFoldCheckpoint({ ...checkpoint, optimizerState: new Map() }, schedule);
    expect(decodeFoldCheckpoint({ files, facts }).optimizerState.size).toBe(0);
  });

  test('names a file that it lacks', () => {
    const { facts } = encodeFoldCheckpoint(checkpoint, schedule);
    expect(() => decodeFoldCheckpoint({ files: new Map(), facts })).toThrow(
      'the checkpoint has no weights.safetensors',
    );
  });
});
