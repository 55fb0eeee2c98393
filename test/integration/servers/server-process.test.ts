import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '#test/eventually.ts';
import { isListening } from '#test/is-listening.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { startProcess } from '#test/servers/server-process.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const serverOwner = fileURLToPath(new URL('server-owner.ts', import.meta.url));

await describeWithServers('a server process', ['nats'], () => {
  it('is not left behind by an owner that is killed', async () => {
    await using folder = await temporaryFolder();
    const env = { ...process.env, TMPDIR: folder.path };
    const owner = spawn(process.execPath, [serverOwner], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    const [url] = await once(createInterface(owner.stdout), 'line');
    const where = { host: '127.0.0.1', port: Number(new URL(url).port) };
    expect(await isListening(where)).toBe(true);

    owner.kill('SIGKILL');

    await eventually('the server is gone', async () => !(await isListening(where)));
  });

  it('that ends before it answers is reported with the end of its log', async () => {
    await using folder = await temporaryFolder();
    const start = startProcess({
      program: '/bin/sh',
      args: ['-c', 'echo the disk is full; exit 3'],
      logFile: join(folder.path, 'log'),
      answers: async () => false,
    });
    await expect(start).rejects.toThrow(/^sh did not start: it ended with code 3; .*\nthe disk is full$/s);
  });

  it('that cannot be run is reported', async () => {
    await using folder = await temporaryFolder();
    const program = join(folder.path, 'program');
    await writeFile(program, '');
    const start = startProcess({ program, args: [], logFile: join(folder.path, 'log'), answers: async () => false });
    await expect(start).rejects.toThrow(/^program did not start: it ended with code 126/);
  });

  it('is not taken to run when another answers in its place', async () => {
    await using folder = await temporaryFolder();
    const logFile = join(folder.path, 'log');
    const start = startProcess({
      program: '/bin/sh',
      args: ['-c', 'echo $$'],
      logFile,
      async answers() {
        await eventually('the program has ended', async () => !isAlive(Number(await readFile(logFile, 'utf8'))));
        return true;
      },
    });
    await expect(start).rejects.toThrow('sh ended at once');
  });
});

/** Whether a process is there, if only to be waited for. 0, from a log still empty, is this very process group. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
