import { describe, it } from 'vitest';
import type { Engine } from '#compute/engine.ts';
import { openEngine } from '#compute/open-engine.ts';
import type { Precision } from '#core/training/precision.ts';
import { testsFloat16 } from '#test/engine/float16-tests.ts';
import { testsReducedPrecision } from '#test/engine/precision-tests.ts';
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

const openIn = (dtype: Precision): Promise<Engine> => openEngine({ engine: 'torch', device: 'cpu', dtype, threads: 1 });
for (const dtype of ['bfloat16', 'float16'] as const) {
  const reason = await engineAbsence('torch', dtype);
  if (reason === null) testsReducedPrecision('torch', dtype, openIn);
  else describe(`engine torch in ${dtype} (skipped: ${reason})`, () => it.skip('conforms', () => {}));
}
if (reason === null) testsFloat16('torch', openIn);
