import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '#test/eventually.ts';
import { isListening } from '#test/is-listening.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { runOnPrivateMachine } from '#test/servers/node/private-machine.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import type { Report } from './node/pods.ts';

const program = (name: string): string => fileURLToPath(new URL(`node/${name}.ts`, import.meta.url));

await describeWithServers('a node for tests', ['kubernetes', 'containerd'], () => {
  it('runs pods as containers, tells how each ended, and leaves the machine as it was', {
    timeout: 300_000,
  }, async () => {
    const before = await traces();
    const ended = await runOnPrivateMachine(program('pods'));
    expect(ended.exitCode, ended.stderr).toBe(0);
    const report: Report = JSON.parse(ended.stdout);
    expect(report).toEqual({
      succeeded: { phase: 'Succeeded', exitCode: 0, reason: 'Completed' },
      log: '1000\nkept\nreached\n',
      failed: { phase: 'Failed', exitCode: 42, reason: 'Error' },
      tookTooMuch: { phase: 'Failed', exitCode: 137, reason: 'OOMKilled' },
      afterRestart: { phase: 'Succeeded', exitCode: 0, reason: 'Completed' },
    } satisfies Report);
    expect(await traces()).toEqual(before);
  });

  it('tells how the program ended that ran beside it', async () => {
    const ended = await runOnPrivateMachine(program('failing'));
    expect(ended).toEqual({ exitCode: 3, stdout: '', stderr: 'a reason\n' });
  });

  it('ends with the process that started it', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'socket');
    const env = { ...process.env, TMPDIR: folder.path, SOCKET: path };
    const owner = spawn(process.execPath, [program('machine-owner')], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    await eventually('the program runs', () => isListening({ path }));

    owner.kill('SIGKILL');
    await once(owner, 'exit');

    await eventually('the program is gone', async () => !(await isListening({ path })));
    // Only a killed owner leaves its groups, empty.
    for (const cgroup of await cgroupsOf(owner.pid)) await eventually('the group is empty', () => isRemoved(cgroup));
  });
});

/** What a private machine has of its own, as the machine itself sees it. */
async function traces(): Promise<Readonly<Record<string, string | string[]>>> {
  return {
    mounts: await readFile('/proc/self/mountinfo', 'utf8'),
    interfaces: await readdir('/sys/class/net'),
    overcommit: await readFile('/proc/sys/vm/overcommit_memory', 'utf8'),
    panic: await readFile('/proc/sys/kernel/panic', 'utf8'),
    cgroups: await cgroupsOf(process.pid),
  };
}

async function cgroupsOf(pid: number | undefined): Promise<string[]> {
  const paths = await readdir('/sys/fs/cgroup', { recursive: true });
  return paths.filter((path) => basename(path).startsWith(`pentafold-test-${pid}-`));
}

const isRemoved = (cgroup: string): Promise<boolean> =>
  rmdir(join('/sys/fs/cgroup', cgroup)).then(
    () => true,
    () => false,
  );
