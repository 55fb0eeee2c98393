import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { addCuda } from './cuda.ts';

describe('addCuda', () => {
  it('says how a folder without the libraries gets them', async () => {
    await using folder = await temporaryFolder();
    await expect(addCuda(folder.path, folder.path)).rejects.toThrow(/no CUDA libraries; run deploy\/cuda-libraries/);
  });
});
