import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { EngineUnavailableError } from '../engine-unavailable-error.ts';
import type { Binding } from './binding.ts';

/** The libtorch that `bin/setup` fetches and the addon is built against. */
const libtorchVersion = '2.11.0';

const addonPath = fileURLToPath(new URL('./build/Release/pentafold_torch.node', import.meta.url));

/**
 * Loads the addon, once per process.
 *
 * @throws {EngineUnavailableError} naming the file, the platform, the libtorch it needs and the command that makes it.
 */
export function loadBinding(path = addonPath): Binding {
  try {
    return createRequire(import.meta.url)(path) as Binding;
  } catch (cause) {
    const reason = existsSync(path) ? (cause instanceof Error ? cause.message : String(cause)) : 'it was not built';
    // biome-ignore lint/style/useErrorCause: the cause is there, as the fourth argument
    throw new EngineUnavailableError(
      'torch',
      `${path} for ${process.platform}-${process.arch} with libtorch ${libtorchVersion} does not load: ${reason}`,
      'run npm run setup',
      { cause },
    );
  }
}
