import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { librariesOf, sharedLibraries } from './shared-libraries.ts';

describe('librariesOf', () => {
  it('is what was found, with the linker and without what the kernel brings', () => {
    const listing = `	linux-vdso.so.1 (0x00007fe516e0d000)
	libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007fe516d17000)
	libcupti.so.13 => /opt/torch/lib/../../nvidia/lib/libcupti.so.13 (0x00007f547f200000)
	/lib64/ld-linux-x86-64.so.2 (0x00007fe516e0f000)
`;
    expect(librariesOf(listing)).toEqual([
      '/lib/x86_64-linux-gnu/libm.so.6',
      '/opt/nvidia/lib/libcupti.so.13',
      '/lib64/ld-linux-x86-64.so.2',
    ]);
  });
});

describe('sharedLibraries', () => {
  it('of Node are those of the system, each once', async () => {
    const libraries = await sharedLibraries([process.execPath, process.execPath]);
    expect(libraries.filter((path) => path.endsWith('/libc.so.6'))).toHaveLength(1);
  });

  it('of what is no program are none, and that is said', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'text');
    await writeFile(path, 'no program');
    await expect(sharedLibraries([path])).rejects.toThrow('not a dynamic executable');
  });
});
