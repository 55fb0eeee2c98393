// A fold's checkpoint: weights and optimiser state as safetensors, the rest as facts beside them.

import type { Numerics } from '#compute/engine.ts';
import type { Tensors } from '#core/network/tensor.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import { decodeSafetensors, encodeSafetensors } from '#formats/safetensors.ts';
import type { Checkpoint } from '#steps/checkpoints.ts';
import { type FoldRun, type FoldSchedule, unitsDone } from './fold-run.ts';

export interface FoldCheckpoint {
  readonly run: FoldRun;
  /** Of the engine that computed so far. */
  readonly numerics: Numerics;
  readonly weights: Tensors;
  /** At the best epoch so far. */
  readonly bestWeights: Tensors;
  readonly optimizerState: Tensors;
}

const WEIGHTS = 'weights.safetensors';
const BEST = 'best.safetensors';
const OPTIMIZER = 'optimizer.safetensors';

export function encodeFoldCheckpoint(checkpoint: FoldCheckpoint, schedule: FoldSchedule): Checkpoint {
  const { run, numerics, weights, bestWeights, optimizerState } = checkpoint;
  return {
    iteration: unitsDone(run, schedule),
    files: new Map([
      [WEIGHTS, encodeSafetensors(weights)],
      [BEST, encodeSafetensors(bestWeights)],
      [OPTIMIZER, encodeSafetensors(optimizerState)],
    ]),
    facts: JSON.parse(canonicalJson({ run, numerics })),
  };
}

/** @throws {RangeError} when a file is missing; the store has verified those that are there. */
export function decodeFoldCheckpoint({ files, facts }: Pick<Checkpoint, 'files' | 'facts'>): FoldCheckpoint {
  // Of this very step, so written by this algorithm version: a change of its form raises that number.
  const { run, numerics } = facts as unknown as Pick<FoldCheckpoint, 'run' | 'numerics'>;
  return {
    run,
    numerics,
    weights: tensorsOf(files, WEIGHTS),
    bestWeights: tensorsOf(files, BEST),
    optimizerState: tensorsOf(files, OPTIMIZER),
  };
}

function tensorsOf(files: Checkpoint['files'], name: string): Tensors {
  const bytes = files.get(name);
  if (bytes === undefined) throw new RangeError(`the checkpoint has no ${name}`);
  return decodeSafetensors(bytes).tensors;
}
