import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

/** Where the image has libtorch. The addon looks where it was built; `LD_LIBRARY_PATH` says where it is now. */
export const LIBTORCH = '/opt/libtorch';
export const LIBRARY_PATH = `${LIBTORCH}/torch/lib`;

const TORCH = 'libtorch_cpu.so';

/**
 * The folder that `bin/setup` unpacked libtorch into.
 *
 * @param libraries that the addon needs, as the linker found them.
 */
export function libtorchFolder(libraries: readonly string[]): string {
  const torch = libraries.find((path) => path.endsWith(`/torch/lib/${TORCH}`));
  if (torch === undefined) throw new Error(`the addon does not need a torch/lib/${TORCH}`);
  return torch.slice(0, -`/torch/lib/${TORCH}`.length);
}

/** Puts libraries of libtorch into a root, where each still finds the others. */
export async function addLibtorch(root: string, folder: string, libraries: readonly string[]): Promise<void> {
  for (const path of libraries) {
    const to = join(root, LIBTORCH, relative(folder, path));
    await mkdir(dirname(to), { recursive: true });
    // A fifth of libtorch is names for debuggers.
    await promisify(execFile)('strip', ['--strip-unneeded', '-o', to, path]);
  }
}
