import type { Engine, EngineRequest } from './engine.ts';
import { EngineUnavailableError } from './engine-unavailable-error.ts';
import { openEngine } from './open-engine.ts';

/**
 * Opens an engine for a Task's training: not where it computes, but so slowly that no such training would end.
 *
 * That is float16 on a CPU: libtorch convolves it by plain loops, which took 55 to 190 times as long as float32
 * (docs/log.md). Tests of what float16 computes open the engine itself.
 *
 * @throws {EngineUnavailableError} for that, and as `openEngine` does.
 */
export async function openTrainingEngine(request: EngineRequest): Promise<Engine> {
  if (request.engine === 'torch' && request.device === 'cpu' && request.dtype === 'float16')
    throw new EngineUnavailableError(
      'torch',
      'on a CPU a training in float16 takes tens of times as long as in float32',
      'ask for precision bfloat16 or float32',
    );
  return openEngine(request);
}
