import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { openHome } from './embedded.ts';

describe('openHome', () => {
  test('refuses a LOG_LEVEL that is none, as the workers do, and makes no home', async () => {
    await using folder = await temporaryFolder();
    await expect(openHome(join(folder.path, 'home'), { LOG_LEVEL: 'loud' })).rejects.toThrow(
      'bad configuration:\n  LOG_LEVEL must be one of debug, info, warn, error',
    );
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('clears the scratch folders of attempts that were killed, and leaves the cases', async () => {
    await using folder = await temporaryFolder();
    for (const name of [`${'ab'.repeat(32)}-2`, 'cases']) {
      await mkdir(join(folder.path, 'scratch', name, 'inside'), { recursive: true });
    }
    await using _embedded = await openHome(folder.path, {});
    expect(await readdir(join(folder.path, 'scratch'))).toEqual(['cases']);
  });

  test('says where the output of an attempt goes', async () => {
    await using folder = await temporaryFolder();
    await using embedded = await openHome(folder.path, {});
    expect(embedded.logFile({ step: 'ab'.repeat(32), attempt: 3 })).toBe(
      join(folder.path, 'logs', 'abababababab.3.log'),
    );
  });
});
