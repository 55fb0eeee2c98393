import { availableParallelism } from 'node:os';
import type { Engine } from '#compute/engine.ts';
import { EngineUnavailableError } from '#compute/engine-unavailable-error.ts';
import { openEngine } from '#compute/open-engine.ts';

export interface EngineWish {
  /** `null`: torch, or tfjs where torch is not built. */
  readonly engine: 'torch' | 'tfjs' | null;
  /** `null`: as many as the machine runs at once. */
  readonly threads: number | null;
}

/**
 * Opens the engine asked for; without a wish the fast one, or the portable one where that cannot be loaded.
 *
 * @param note is told of the second choice.
 * @throws {EngineUnavailableError} when an engine that was asked for by name cannot be loaded.
 */
export async function openEngineFor(wish: EngineWish, note: (message: string) => void): Promise<Engine> {
  const request = { device: 'cpu', dtype: 'float32', threads: wish.threads ?? availableParallelism() } as const;
  if (wish.engine !== null) return openEngine({ ...request, engine: wish.engine });
  try {
    return await openEngine({ ...request, engine: 'torch' });
  } catch (error) {
    if (!(error instanceof EngineUnavailableError)) throw error;
    note(`${error.message}; going on with the slower tfjs`);
    return openEngine({ ...request, engine: 'tfjs' });
  }
}
