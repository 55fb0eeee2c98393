import { describe, it } from 'vitest';
import type { Engine } from '#compute/engine.ts';
import { openEngine } from '#compute/open-engine.ts';
import { engineAbsence } from '#test/engine-absence.ts';
import { testsEngine } from '#test/engine-conformance.ts';

const open =
  (engine: 'torch' | 'tfjs') =>
  (threads: number): Promise<Engine> =>
    openEngine({ engine, device: 'cpu', threads });

testsEngine('tfjs', open('tfjs'));

const reason = await engineAbsence('torch');
if (reason === null || process.env.REQUIRE_TORCH === '1') testsEngine('torch', open('torch'));
else describe(`engine torch (skipped: ${reason})`, () => it.skip('conforms', () => {}));
