import { describe, it } from 'vitest';
import type { Engine } from '#compute/engine.ts';
import { EngineUnavailableError } from '#compute/engine-unavailable-error.ts';
import { openEngine } from '#compute/open-engine.ts';
import { testsEngine } from '#test/engine-conformance.ts';

const open =
  (engine: 'torch' | 'tfjs') =>
  (threads: number): Promise<Engine> =>
    openEngine({ engine, device: 'cpu', threads });

/** Why an engine cannot be opened here, or `null`. */
async function absence(engine: 'torch' | 'tfjs'): Promise<string | null> {
  try {
    await (await open(engine)(1))[Symbol.asyncDispose]();
    return null;
  } catch (error) {
    if (error instanceof EngineUnavailableError) return error.message;
    throw error;
  }
}

testsEngine('tfjs', open('tfjs'));

const reason = await absence('torch');
if (reason === null || process.env.REQUIRE_TORCH === '1') testsEngine('torch', open('torch'));
else describe(`engine torch (skipped: ${reason})`, () => it.skip('conforms', () => {}));
