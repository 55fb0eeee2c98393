import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { checkPredictedWith, type PredictedWith, writePredictedWith } from './predicted-with.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const AS_WRITTEN: PredictedWith = {
  model: 'digest',
  folds: [0, 1],
  checkpoint: 'final',
  stepFraction: 0.5,
  mirroring: true,
};

const check = (change: Partial<PredictedWith>) => checkPredictedWith(folder.path, { ...AS_WRITTEN, ...change });

describe('checkPredictedWith', () => {
  it('lets a prediction go on that is as the one before', async () => {
    await writePredictedWith(folder.path, AS_WRITTEN);
    await check({});
  });

  it.each([
    { name: 'model', change: { model: 'other' }, want: 'with another model; predict as before, or' },
    { name: 'folds', change: { folds: ['all'] }, want: 'with folds [0,1] instead of ["all"];' },
    { name: 'checkpoint', change: { checkpoint: 'best' }, want: 'with checkpoint "final" instead of "best";' },
    { name: 'step', change: { stepFraction: 1 }, want: 'with step size 0.5 instead of 1;' },
    { name: 'mirroring', change: { mirroring: false }, want: 'with mirroring true instead of false;' },
  ] as const)('refuses another $name by name', async ({ change, want }) => {
    await writePredictedWith(folder.path, AS_WRITTEN);
    await expect(check(change)).rejects.toMatchObject({
      code: 'PREDICTED_OTHERWISE',
      message: expect.stringContaining(want),
    });
  });

  it('refuses a folder that does not say, or not in a way that is understood', async () => {
    await expect(check({})).rejects.toThrow('it has results but no predicted-with.json');
    await writeFile(join(folder.path, 'predicted-with.json'), '{}');
    await expect(check({})).rejects.toMatchObject({ code: 'FILE_UNUSABLE' });
  });
});
