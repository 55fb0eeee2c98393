import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { EngineUnavailableError } from '../engine-unavailable-error.ts';
import { openTorch } from './index.ts';
import { loadBinding } from './load-binding.ts';

describe('loadBinding', () => {
  it('says which file is missing, for which platform and libtorch, and the command that builds it', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'absent.node');
    expect(() => loadBinding(path)).toThrow(EngineUnavailableError);
    expect(() => loadBinding(path)).toThrow(
      `engine torch: ${path} for ${process.platform}-${process.arch} with libtorch 2.11.0 does not load: it was not built; run npm run setup, or ask for engine tfjs`,
    );
  });

  it('keeps the reason of a file that is no addon', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'broken.node');
    await writeFile(path, 'not a shared library');
    expect(() => loadBinding(path)).toThrow(/does not load: .*(ELF|file too short|header)/);
  });
});

describe('openTorch', () => {
  it.each([0, 1.5, Number.NaN])('refuses %d threads', async (threads) => {
    await expect(openTorch({ engine: 'torch', device: 'cpu', dtype: 'float32', threads })).rejects.toThrow(
      `expected a whole number of at least 1 for threads, got ${threads}`,
    );
  });

  it('refuses a GPU by name', async () => {
    await expect(openTorch({ engine: 'torch', device: 'cuda', dtype: 'float32', threads: 1 })).rejects.toBeInstanceOf(
      EngineUnavailableError,
    );
  });
});
