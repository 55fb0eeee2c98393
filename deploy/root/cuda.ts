import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { LIBTORCH } from './libtorch.ts';
import { linkOrCopy } from './link-or-copy.ts';
import { sharedLibraries } from './shared-libraries.ts';
import { placeOfLibrary } from './system-files.ts';

/** What libtorch opens by name when it meets a GPU; the linker finds what these need. */
const OPENED = [
  'torch/lib/libtorch_cuda*.so',
  'torch/lib/libcaffe2_nvrtc.so',
  'nvidia/cudnn/lib/libcudnn*.so.*',
  'nvidia/cu13/lib/libnvrtc*.so.*',
];

/** Of the driver. */
const DRIVER = ['libcuda.so.1'];

/**
 * Puts what libtorch needs on NVIDIA GPUs beside it. The driver is the machine's: whoever runs the image mounts it.
 *
 * @param folder that `deploy/cuda-libraries` filled.
 */
export async function addCuda(root: string, folder: string): Promise<void> {
  const opened: string[] = [];
  for await (const path of glob(OPENED, { cwd: folder })) opened.push(join(folder, path));
  if (opened.length < OPENED.length)
    throw new Error(`${folder} has no CUDA libraries; run deploy/cuda-libraries ${folder}`);
  const needed = await sharedLibraries(opened, DRIVER);
  for (const path of new Set([...opened, ...needed])) {
    const to = path.startsWith(`${folder}/`)
      ? join(root, LIBTORCH, relative(folder, path))
      : placeOfLibrary(root, path);
    // What the CPU needs too is there.
    if (!existsSync(to)) await linkOrCopy(path, to);
  }
}
