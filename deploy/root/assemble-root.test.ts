import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { assembleRoot } from './assemble-root.ts';

describe('assembleRoot', () => {
  it('of a checkout that is not set up says what to do', async () => {
    await using project = await temporaryFolder();
    await using root = await temporaryFolder();
    await expect(assembleRoot(project.path, root.path)).rejects.toThrow(/node was not found; run bin\/setup/);
  });
});
