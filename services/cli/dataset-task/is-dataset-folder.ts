import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { orAbsent } from '#files/or-absent.ts';

/** Whether a folder holds a dataset.json. */
export const isDatasetFolder = async (folder: string): Promise<boolean> =>
  (await orAbsent(() => stat(join(folder, 'dataset.json')))) !== undefined;
