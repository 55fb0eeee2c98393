import type { Engine, EngineRequest } from './engine.ts';

/**
 * Opens an engine. Nothing of an engine is loaded before it is asked for.
 *
 * @throws {EngineUnavailableError} naming the reason and the command that mends it, when it cannot be loaded here.
 */
export async function openEngine(request: EngineRequest): Promise<Engine> {
  if (request.engine === 'torch') return (await import('./torch/index.ts')).openTorch(request);
  return (await import('./tfjs/index.ts')).openTfjs(request);
}
