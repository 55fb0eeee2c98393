// What every engine must do in float32. `testsEngine('torch', openTorch)` runs all of it; parts that need golden files are
// skipped with their reason where those are absent. An engine that trains in bfloat16 or float16 too also passes
// `testsReducedPrecision` of `engine/precision-tests.ts`.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '#compute/engine.ts';
import { testsArguments } from './engine/argument-tests.ts';
import { testsBatches } from './engine/batch-tests.ts';
import { testsCascades } from './engine/cascade-tests.ts';
import { testsGolden } from './engine/golden-tests.ts';
import { testsGradients } from './engine/gradient-tests.ts';
import { testsLossScale } from './engine/loss-scale-tests.ts';
import { testsLoss } from './engine/loss-tests.ts';
import { testsNetworks } from './engine/network-tests.ts';
import { testsPrediction } from './engine/prediction-tests.ts';
import { testsTraining } from './engine/training-tests.ts';

/**
 * The conformance suite of the `Engine` port.
 *
 * @param open opens the engine on the CPU, in float32, with so many threads per operation.
 */
export function testsEngine(name: string, open: (threads: number) => Promise<Engine>): void {
  describe(`engine ${name}`, () => {
    let opened: Engine | undefined;
    const engine = (): Engine => {
      if (!opened) throw new Error(`engine ${name} is not open`);
      return opened;
    };

    beforeAll(async () => {
      opened = await open(1);
    }, 60_000);
    afterAll(async () => {
      await opened?.[Symbol.asyncDispose]();
    });

    it('says what fixes its numbers', () => {
      const { engine: kind, version, dtype, instructionSet, threads } = engine().numerics;
      expect(kind).toBe(name);
      expect(version).toMatch(/\d+\.\d+/);
      expect(dtype).toBe('float32');
      expect(instructionSet).not.toBe('');
      expect(threads).toBe(1);
    });

    describe('arguments', () => testsArguments(engine));
    describe('networks', () => testsNetworks(engine));
    describe('loss', () => testsLoss(engine));
    describe('training', () => testsTraining(engine));
    describe('loss scale', () => testsLossScale(engine));
    describe('gradients', () => testsGradients(engine));
    describe('batches', () => testsBatches(engine));
    describe('cascades', () => testsCascades(engine));
    describe('prediction', () => testsPrediction(engine));
    testsGolden(engine);
  });
}
