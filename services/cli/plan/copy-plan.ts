import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeOutput } from '../file.ts';

/** What a plan consists of, in nnU-Net's formats. */
export const PLAN_FILES = ['dataset_fingerprint.json', 'plans.json', 'dataset.json', 'splits_final.json'] as const;

/** Copies the plan of a Task from where its results are shown. */
export async function copyPlan(taskFolder: string, output: string): Promise<void> {
  for (const name of PLAN_FILES) await writeOutput(join(output, name), await readFile(join(taskFolder, name)));
}
