// Lays the cases that a Task trained on, and those it kept out, in nnU-Net v2 layout: imagesTr, labelsTr, imagesTs,
// labelsTs. Usage: export-cases.ts HOME/tasks/<name> DATASET OUT. Channels in one 4D file are not split.

import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cases, SourceCase } from '#steps/cases.ts';

const [taskFolder, dataset, out] = process.argv.slice(2);
if (!taskFolder || !dataset || !out) throw new Error('usage: export-cases.ts HOME/tasks/<name> DATASET OUT');

const {
  training,
  test,
  dataset: description,
}: Cases = JSON.parse(await readFile(join(taskFolder, 'cases.json'), 'utf8'));
await exportCases(training, 'Tr');
await exportCases(test, 'Ts');
await copyFile(join(taskFolder, 'dataset.json'), join(out, 'dataset.json'));

async function exportCases(cases: readonly SourceCase[], split: 'Tr' | 'Ts'): Promise<void> {
  const images = join(out ?? '', `images${split}`);
  const labels = join(out ?? '', `labels${split}`);
  for (const folder of [images, labels]) await mkdir(folder, { recursive: true });
  for (const { caseId, images: files, label } of cases) {
    for (const [channel, { path }] of files.entries()) {
      const name = `${caseId}_${String(channel).padStart(4, '0')}${description.fileEnding}`;
      await copyFile(join(dataset ?? '', path), join(images, name));
    }
    await copyFile(join(dataset ?? '', label.path), join(labels, `${caseId}${description.fileEnding}`));
  }
}
