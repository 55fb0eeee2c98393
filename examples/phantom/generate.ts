// Writes the phantom data set in nnU-Net v2 layout. See README.md beside this file.

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { niftiOf } from '../made-case.ts';
import { phantomCase } from './phantom-case.ts';

/** Writes `training` labelled cases and `test` further ones below `directory`; the same call writes the same bytes. */
export async function generatePhantom(directory: string, seed: number, training: number, test: number): Promise<void> {
  for (const folder of ['imagesTr', 'labelsTr', 'imagesTs', 'labelsTs'])
    await mkdir(join(directory, folder), { recursive: true });
  for (let index = 0; index < training + test; index++) {
    const split = index < training ? 'Tr' : 'Ts';
    const caseId = `phantom_${String(index).padStart(3, '0')}`;
    const made = phantomCase(seed, index);
    await writeFile(join(directory, `images${split}`, `${caseId}_0000.nii.gz`), niftiOf(made, made.image));
    await writeFile(join(directory, `labels${split}`, `${caseId}.nii.gz`), niftiOf(made, made.label));
  }
  await writeDescription(directory, training);
}

/** Last, so that a data set with a dataset.json is whole. */
async function writeDescription(directory: string, training: number): Promise<void> {
  const description = {
    name: 'Phantom',
    description: 'made-up two-part bodies; see examples/phantom',
    channel_names: { 0: 'MRI' },
    labels: { background: 0, anterior: 1, posterior: 2 },
    numTraining: training,
    file_ending: '.nii.gz',
  };
  const path = join(directory, 'dataset.json');
  await writeFile(`${path}.partial`, `${JSON.stringify(description, null, 2)}\n`);
  await rename(`${path}.partial`, path);
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string', default: '0' },
      training: { type: 'string', default: '20' },
      test: { type: 'string', default: '6' },
    },
  });
  const [directory] = positionals;
  if (directory === undefined) throw new Error('usage: generate.ts DIR [--seed 0] [--training 20] [--test 6]');
  await generatePhantom(directory, Number(values.seed), Number(values.training), Number(values.test));
}
