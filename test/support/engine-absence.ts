import { EngineUnavailableError } from '#compute/engine-unavailable-error.ts';
import { openEngine } from '#compute/open-engine.ts';
import type { Precision } from '#core/training/precision.ts';

/** Why an engine cannot be opened on this machine, or `null` when it can. */
export async function engineAbsence(engine: 'torch' | 'tfjs', dtype: Precision = 'float32'): Promise<string | null> {
  try {
    await (await openEngine({ engine, device: 'cpu', dtype, threads: 1 }))[Symbol.asyncDispose]();
    return null;
  } catch (error) {
    if (error instanceof EngineUnavailableError) return error.message;
    throw error;
  }
}
