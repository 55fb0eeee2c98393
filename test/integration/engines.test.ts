import { describe, it } from 'vitest';
import type { Engine } from '#compute/engine.ts';
import { openEngine } from '#compute/open-engine.ts';
import type { Precision } from '#core/training/precision.ts';
import { testsBfloat16 } from '#test/engine/precision-tests.ts';
import { engineAbsence } from '#test/engine-absence.ts';
import { testsEngine } from '#test/engine-conformance.ts';

const open =
  (engine: 'torch' | 'tfjs') =>
  (threads: number): Promise<Engine> =>
    openEngine({ engine, device: 'cpu', dtype: 'float32', threads });

testsEngine('tfjs', open('tfjs'));

const reason = await engineAbsence('torch');
if (reason === null || process.env.REQUIRE_TORCH === '1') testsEngine('torch', open('torch'));
else describe(`engine torch (skipped: ${reason})`, () => it.skip('conforms', () => {}));

const bfloat16Reason = await engineAbsence('torch', 'bfloat16');
const openIn = (dtype: Precision): Promise<Engine> => openEngine({ engine: 'torch', device: 'cpu', dtype, threads: 1 });
if (bfloat16Reason === null) testsBfloat16('torch', openIn);
else describe(`engine torch in bfloat16 (skipped: ${bfloat16Reason})`, () => it.skip('conforms', () => {}));
