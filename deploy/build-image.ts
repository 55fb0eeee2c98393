import { mkdtemp, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Image, writeImage } from './oci-image.ts';
import { assembleRoot, HOME } from './root/assemble-root.ts';
import { addCuda } from './root/cuda.ts';
import { LIBRARY_PATH } from './root/libtorch.ts';
import { USER } from './root/system-files.ts';

/** The checkout that this file is of. */
const PROJECT = join(import.meta.dirname, '..');

/** How the image's programs are run; `deploy/Dockerfile` says the same. */
export const RUN = {
  entrypoint: ['node'],
  env: { PATH: '/usr/local/bin', LD_LIBRARY_PATH: LIBRARY_PATH, HOME: '/tmp' },
  user: `${USER}:${USER}`,
  workingFolder: HOME,
} as const satisfies Partial<Image>;

export interface BuiltImage {
  readonly name: string;
  readonly out: string;
  readonly cuda?: string | undefined;
}

/**
 * Writes the image of all programs as a tar, out of this checkout and this machine: seconds, no Docker, no registry.
 * Its arguments are a program: `services/controller/main.ts`.
 *
 * @param image.name with a tag: `localhost/pentafold:0.1.0`.
 * @param image.out path of the tar; its folder needs room for three times the image.
 * @param image.cuda folder of `deploy/cuda-libraries`, for an image that finds NVIDIA GPUs.
 */
export async function buildImage({ name, out, cuda }: BuiltImage): Promise<void> {
  const rootFolder = await mkdtemp(join(dirname(out), '.root-'));
  try {
    await writeRoot(rootFolder, cuda);
    await writeImage({ name, rootFolder, ...RUN }, out);
  } finally {
    await rm(rootFolder, { recursive: true, force: true });
  }
}

/** Only what is to be the image's `/`, into an empty folder. */
export async function writeRoot(root: string, cuda?: string): Promise<void> {
  await assembleRoot(PROJECT, root);
  if (cuda !== undefined) await addCuda(root, resolve(cuda));
}
