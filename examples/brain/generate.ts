// Writes made-up heads as folders of images and of label maps. See README.md beside this file.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { niftiOf } from '../made-case.ts';
import { brainCase } from './brain-case.ts';

/**
 * Writes `input/` and `ground_truth/` with files of the same names, as `convert pairs` takes them, and `imagesTs/` and
 * `labelsTs/` with further cases, as `predict` and `evaluate` take them. The same call writes the same bytes.
 */
export async function generateBrains(directory: string, seed: number, training: number, test: number): Promise<void> {
  for (const folder of ['input', 'ground_truth', 'imagesTs', 'labelsTs'])
    await mkdir(join(directory, folder), { recursive: true });
  for (let index = 0; index < training + test; index++) {
    const made = brainCase(seed, index);
    const name = `head_${String(index).padStart(2, '0')}`;
    const [image, label] =
      index < training ? [`input/${name}`, `ground_truth/${name}`] : [`imagesTs/${name}_0000`, `labelsTs/${name}`];
    await writeFile(join(directory, `${image}.nii.gz`), niftiOf(made, made.image));
    await writeFile(join(directory, `${label}.nii.gz`), niftiOf(made, made.label));
  }
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '0' },
      training: { type: 'string', default: '10' },
      test: { type: 'string', default: '2' },
    },
  });
  const [directory] = positionals;
  if (directory === undefined) throw new Error('usage: generate.ts DIR [--seed 0] [--training 10] [--test 2]');
  await generateBrains(directory, Number(values.seed), Number(values.training), Number(values.test));
}
