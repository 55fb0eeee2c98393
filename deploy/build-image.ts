import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Image, writeImage } from './oci-image.ts';
import { assembleRoot, HOME } from './root/assemble-root.ts';
import { LIBRARY_PATH } from './root/libtorch.ts';
import { USER } from './root/system-files.ts';

/** The checkout that this file is of. */
export const PROJECT = join(import.meta.dirname, '..');

/** How the image's programs are run; `deploy/Dockerfile` says the same. */
export const RUN = {
  entrypoint: ['node'],
  env: { PATH: '/usr/local/bin', LD_LIBRARY_PATH: LIBRARY_PATH, HOME: '/tmp' },
  user: `${USER}:${USER}`,
  workingFolder: HOME,
} as const satisfies Partial<Image>;

/**
 * Writes the image of all programs as a tar, out of this checkout and this machine: seconds, no Docker, no registry.
 * Its arguments are a program: `services/controller/main.ts`.
 *
 * @param image.name with a tag: `localhost/pentafold:0.1.0`.
 * @param image.out path of the tar; its folder needs room for three times the image.
 */
export async function buildImage({ name, out }: { readonly name: string; readonly out: string }): Promise<void> {
  const rootFolder = await mkdtemp(join(dirname(out), '.root-'));
  try {
    await assembleRoot(PROJECT, rootFolder);
    await writeImage({ name, rootFolder, ...RUN }, out);
  } finally {
    await rm(rootFolder, { recursive: true, force: true });
  }
}
