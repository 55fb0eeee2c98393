import { spawnSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { programPaths } from './catalogue.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const isLinux = process.platform === 'linux' && process.arch === 'x64';
const title = `bin/servers${isLinux ? '' : ' (skipped: servers run on Linux x86-64 only)'}`;

describe.skipIf(!isLinux)(title, () => {
  it('builds a server once, in the folder of its version', async () => {
    await using folder = await temporaryFolder();
    await writeGo(folder.path, 'echo "#!/bin/sh" >"$GOBIN/nats-server"; chmod +x "$GOBIN/nats-server"');

    const first = run(folder.path, ['nats']);
    expect(first.stdout).toMatch(/^servers: nats [\d.]+: building …\nservers: nats [\d.]+: ready after \d+ s\n$/);
    expect(first.status).toBe(0);
    expect(await readdir(join(folder.path, 'servers'))).toEqual(['.lock', builtFolder('nats')]);

    expect(run(folder.path, ['nats'])).toMatchObject({ stdout: 'servers: nats: already there\n', status: 0 });
  });

  it('gives a program of ours all its names', async () => {
    await using folder = await temporaryFolder();
    await writeGo(
      folder.path,
      // go build -C MODULE … -o FOLDER . puts the program, named as the module, into the folder.
      'while [ "$1" != -o ]; do shift; done; echo "#!/bin/sh" >"$2/kubernetes"; chmod +x "$2/kubernetes"',
    );
    expect(run(folder.path, ['kubernetes'])).toMatchObject({ status: 0 });
    expect(await readdir(join(folder.path, 'servers', builtFolder('kubernetes')))).toEqual([
      ...['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl', 'kubelet', 'kubernetes'],
    ]);
  });

  it('tells the last words of a build that fails, and leaves nothing of it', async () => {
    await using folder = await temporaryFolder();
    await writeGo(folder.path, 'echo half >"$GOBIN/nats-server"; echo "no space left" >&2; exit 1');

    const { stdout, status } = run(folder.path, ['nats']);

    expect(stdout).toContain('failed after');
    expect(stdout).toContain('\nno space left\n');
    expect(stdout).toMatch(/could not be made ready: flock .* ended with code 1\n$/);
    expect(status).toBe(1);
    expect(await readdir(join(folder.path, 'servers'))).toEqual(['.lock']);
  });

  it('refuses a name that it does not know, and says which it knows', async () => {
    await using folder = await temporaryFolder();
    const { stdout, status } = run(folder.path, ['nats', 'redis']);
    expect(stdout).toBe(
      'servers: expected names out of nats, versitygw, kubernetes, containerd, helm, kwok, minio, got redis\n',
    );
    expect(status).toBe(2);
  });
});

/** A `go` that does what the test says instead of compiling for minutes. */
async function writeGo(folder: string, script: string): Promise<void> {
  await mkdir(join(folder, 'bin'));
  await writeFile(join(folder, 'bin', 'go'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

function run(cache: string, names: readonly string[]): { readonly stdout: string; readonly status: number | null } {
  const PATH = [join(cache, 'bin'), process.env.PATH].join(delimiter);
  return spawnSync(process.execPath, [main, ...names], {
    env: { ...process.env, PENTAFOLD_CACHE: cache, PATH },
    encoding: 'utf8',
  });
}

const builtFolder = (name: 'nats' | 'kubernetes'): string => programPaths(name)[0]?.split('/').at(-2) ?? '';
