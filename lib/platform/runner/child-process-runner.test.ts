import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { eventually } from '#test/eventually.ts';
import { anAttempt, testsStepRunner } from '#test/step-runner-conformance.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { attemptLogFile, ChildProcessRunner, type ChildProcessRunnerOptions } from './child-process-runner.ts';
import type { StepAttempt } from './step-runner.ts';

/** Does what its title says, says `listening` once it listens, and what it hears. */
const program = `
  const [what, code] = process.argv[1].split(' ');
  if (what === 'exit') process.exit(Number(code));
  setInterval(() => {}, 1000);
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(event, () => {
    console.log(event);
    if (what === 'yield') process.exit(75);
  });
  console.log('listening');`;

const runs = (title: string): readonly [string, ...string[]] => [process.execPath, '-e', program, title];

const openRunner = (logDirectory: string, options: Partial<ChildProcessRunnerOptions> = {}) =>
  new ChildProcessRunner({
    parallel: 2,
    command: ({ title }) => ({ argv: runs(title), env: { GREETING: 'hello' } }),
    logDirectory,
    ...options,
  });

const logOf = (logs: string, attempt: StepAttempt): string => {
  const file = attemptLogFile(logs, attempt);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

const saidBy = (logs: string, attempt: StepAttempt, text: string): Promise<void> =>
  eventually(`the program says ${text}`, () => logOf(logs, attempt).includes(text));

testsStepRunner('child processes', async () => {
  const folder = await temporaryFolder();
  const runner = openRunner(folder.path);
  return {
    runner,
    listening: (attempt) => saidBy(folder.path, attempt, 'listening'),
    async [Symbol.asyncDispose]() {
      await runner[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('ChildProcessRunner', () => {
  test('gives a child the environment of its command alone, and its output a file', async () => {
    await using folder = await temporaryFolder();
    const says = 'console.log(JSON.stringify(process.env)); console.error("and errors")';
    const logs = join(folder.path, 'logs');
    await using runner = openRunner(logs, {
      command: () => ({ argv: [process.execPath, '-e', says], env: { GREETING: 'hello' } }),
    });
    const attempt = anAttempt('says', 7);
    await runner.start(attempt);
    await saidBy(logs, attempt, 'and errors');
    expect(await readdir(logs)).toEqual(['aaaaaaaaaaaa.7.log']);
    expect(logOf(logs, attempt)).toContain('"GREETING":"hello"');
    expect(logOf(logs, attempt)).not.toContain('"PATH"');
  });

  test('an attempt whose program cannot be started has ended, and its log says why', async () => {
    await using folder = await temporaryFolder();
    await using runner = openRunner(folder.path, { command: () => ({ argv: ['/no/such/program'], env: {} }) });
    await runner.start(anAttempt('x'));
    await saidBy(folder.path, anAttempt('x'), '/no/such/program could not be started');
    await eventually('it has ended', async () => (await runner.list())[0]?.state.kind === 'killed');
  });

  test('disposing of it kills the children that are left, with what they started', async () => {
    await using folder = await temporaryFolder();
    const starts = `
      const child = require('node:child_process').spawn('sleep', ['1000']);
      console.log('pids ' + process.pid + ' ' + child.pid + ' end');`;
    const runner = openRunner(folder.path, {
      parallel: 1,
      command: () => ({ argv: [process.execPath, '-e', starts], env: { PATH: process.env.PATH } }),
    });
    await runner.start(anAttempt('first', 1));
    await runner.start(anAttempt('waits', 2));
    await saidBy(folder.path, anAttempt('first', 1), 'end');
    const pids = logOf(folder.path, anAttempt('first', 1)).match(/\d+/g)?.map(Number) ?? [];
    expect(pids.map(isAlive)).toEqual([true, true]);
    await runner[Symbol.asyncDispose]();
    await eventually('both are gone', () => !pids.some(isAlive));
    expect((await runner.list()).map(({ state }) => state.kind)).toEqual(['killed', 'killed']);
    expect(existsSync(attemptLogFile(folder.path, anAttempt('waits', 2)))).toBe(false);
    await expect(runner.start(anAttempt('late', 3))).rejects.toThrow('disposed');
  });

  test('a child notices that the parent was killed, and does not hear the parent’s Ctrl-C', async () => {
    await using folder = await temporaryFolder();
    const parentProgram = `
      import { ChildProcessRunner } from '${new URL('./child-process-runner.ts', import.meta.url)}';
      process.on('SIGINT', () => console.log('parent heard'));
      const runner = new ChildProcessRunner({
        parallel: 1,
        command: () => ({ argv: ${JSON.stringify(runs('yield'))}, env: {} }),
        logDirectory: ${JSON.stringify(folder.path)},
      });
      await runner.start(${JSON.stringify(anAttempt('yield'))});`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', parentProgram], { detached: true });
    await saidBy(folder.path, anAttempt('yield'), 'listening');
    const heard = once(parent.stdout, 'data');
    // As the terminal does: to the whole group in the foreground.
    process.kill(-(parent.pid ?? Number.NaN), 'SIGINT');
    await heard;
    expect(logOf(folder.path, anAttempt('yield'))).toBe('listening\n');
    parent.kill('SIGKILL');
    await saidBy(folder.path, anAttempt('yield'), 'disconnect');
    expect(logOf(folder.path, anAttempt('yield'))).toBe('listening\ndisconnect\n');
  });
});
