// `bin/setup` in a made-up checkout, whose compiler copies its one source.

import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';

const run = promisify(execFile);
const setup = fileURLToPath(new URL('../../../bin/setup', import.meta.url));

/** As in `why_no_torch`: elsewhere the addon is not compiled. */
const compiles =
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  (await run('sh', ['-c', 'python3 -m pip --version && command -v g++ && command -v make']).then(
    () => true,
    () => false,
  ));

/** Copies the source as it finds it, to which it first does what `meanwhile` says, and counts how often it was called. */
const COMPILER = `#!/bin/sh
echo called >>calls
[ -f meanwhile ] && sh meanwhile
mkdir -p lib/compute/torch/build/Release
cp lib/compute/torch/src/addon.cc lib/compute/torch/build/Release/pentafold_torch.node
`;

describe.skipIf(!compiles)(`bin/setup${compiles ? '' : ' (skipped: no libtorch addon is built here)'}`, () => {
  let folder: TemporaryFolder;
  const at = (path: string) => join(folder.path, path);
  const source = 'lib/compute/torch/src/addon.cc';
  const ready = async () => {
    const { stdout } = await run(at('bin/setup'), { env: { ...process.env, PENTAFOLD_CACHE: at('cache') } });
    return stdout;
  };
  const addon = () => readFile(at('lib/compute/torch/build/Release/pentafold_torch.node'), 'utf8');
  const calls = async () => (await readFile(at('calls'), 'utf8')).trim().split('\n').length;

  beforeEach(async () => {
    folder = await temporaryFolder();
    for (const path of ['bin', 'lib/compute/torch/src', 'node_modules/.bin', 'cache/libtorch-1'])
      await mkdir(at(path), { recursive: true });
    await copyFile(setup, at('bin/setup'));
    await writeFile(at('package-lock.json'), '{}');
    await writeFile(at('lib/compute/torch/libtorch-version'), '1');
    await writeFile(at('lib/compute/torch/binding.gyp'), '{}');
    await writeFile(at(source), 'first');
    await writeFile(at('node_modules/.bin/node-gyp'), COMPILER, { mode: 0o755 });
    await writeFile(at('node_modules/.bin/node'), '', { mode: 0o755 });
    const digest = 'sha256sum package-lock.json | sha256sum | cut -c1-16 >node_modules/.pentafold-packages';
    await run('sh', ['-c', digest], { cwd: folder.path });
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  it('compiles once, and again after an edit', async () => {
    expect(await ready()).toContain('ready (engine torch');
    expect(await ready()).toBe('');
    expect(await calls()).toBe(1);
    await writeFile(at(source), 'second');
    await ready();
    expect(await addon()).toBe('second');
    expect(await calls()).toBe(2);
  });

  it('takes what was edited during the compilation neither for compiled nor for what it was', async () => {
    await writeFile(at('meanwhile'), `rm meanwhile; printf second >${source}`);
    expect(await ready()).toContain('the sources were edited meanwhile');
    expect(await addon()).toBe('second');
    await writeFile(at(source), 'first');
    await ready();
    expect(await addon()).toBe('first');
  });

  it('sees an edit that came after the last file was read', async () => {
    await writeFile(at('node_modules/.bin/node-gyp'), `${COMPILER}[ -f after ] && sh after; true\n`, { mode: 0o755 });
    await writeFile(at('after'), `rm after; printf second >${source}`);
    await ready();
    await ready();
    expect(await addon()).toBe('second');
  });
});
