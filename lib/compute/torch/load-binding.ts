import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { EngineUnavailableError } from '../engine-unavailable-error.ts';
import type { Binding } from './binding.ts';

/** Names the libtorch that `bin/setup` fetches and the addon is built against. */
const versionFile = new URL('./libtorch-version', import.meta.url);

const addonPath = fileURLToPath(new URL('./build/Release/pentafold_torch.node', import.meta.url));

/**
 * How often a thread of libtorch looks for work before it sleeps: some tens of microseconds.
 *
 * OpenMP's own choice is some milliseconds. With more threads than free cores, as when two folds train side by side, the
 * waiting ones then keep the working ones off their core: a step was seen to take 3 to 6 times as long (docs/log.md).
 * Alone on a machine the two are the same. Read once, when OpenMP is loaded, hence set here; a value from outside stays.
 */
const spinCount = '10000';

/** Addons whose process knows how to end. */
const leaving = new WeakSet<Binding>();

/** A process that exits in the middle of a computation must not pull libtorch away from under it. */
function leavingWell(binding: Binding): Binding {
  if (!leaving.has(binding)) process.once('exit', (status) => binding.leave(status));
  leaving.add(binding);
  return binding;
}

/**
 * Loads the addon, once per process.
 *
 * @throws {EngineUnavailableError} naming the file, the platform, the libtorch it needs and the command that makes it.
 */
export function loadBinding(path = addonPath): Binding {
  process.env.GOMP_SPINCOUNT ??= spinCount;
  try {
    return leavingWell(createRequire(import.meta.url)(path));
  } catch (cause) {
    const reason = existsSync(path) ? (cause instanceof Error ? cause.message : String(cause)) : 'it was not built';
    // biome-ignore lint/style/useErrorCause: the cause is there, as the fourth argument
    throw new EngineUnavailableError(
      'torch',
      `${path} for ${process.platform}-${process.arch} with libtorch ${readFileSync(versionFile, 'utf8').trim()} does not load: ${reason}`,
      'run npm run setup, or ask for engine tfjs (in a Task, spec.training.engine: tfjs)',
      { cause },
    );
  }
}
