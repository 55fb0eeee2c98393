import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const checkout = fileURLToPath(new URL('../../../', import.meta.url));
const launcher = join(checkout, 'bin/pentafold');

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentafold launcher '));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

interface Called {
  readonly exitCode: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

const call = (file: string, ...args: string[]): Promise<Called> =>
  new Promise((resolve) => {
    execFile(file, args, { cwd: folder }, (error, stdout, stderr) =>
      resolve({ exitCode: error?.code ?? 0, stdout, stderr }),
    );
  });

describe('bin/pentafold', () => {
  test('says the version, called through links from anywhere', async () => {
    await symlink(launcher, join(folder, 'first'));
    await symlink('first', join(folder, 'second'));
    const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'));
    expect(await call(join(folder, 'second'), '--version')).toEqual({
      exitCode: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  test('a checkout that is not set up says what to do', async () => {
    await mkdir(join(folder, 'copy/bin'), { recursive: true });
    await cp(launcher, join(folder, 'copy/bin/pentafold'));
    const { exitCode, stderr } = await call(join(folder, 'copy/bin/pentafold'), 'run');
    expect(exitCode).toBe(1);
    expect(stderr).toBe(`error: this checkout is not set up; run: ${join(folder, 'copy')}/bin/setup\n`);
  });

  test.each([
    { argv: ['train', 'd', '2d', 'x'], message: 'expected a fold such as 0, or all.' },
    { argv: ['train', 'd', '2d', '0', '--epochs', '0'], message: 'expected a whole number of 1 to 100000.' },
    { argv: ['train', 'd', '2d', '0', '--pretrained-weights', ''], message: 'expected a path.' },
    { argv: ['plan', 'd'], message: "required option '--out <dir>' not specified" },
    { argv: ['tran'], message: "unknown command 'tran'" },
  ])('$argv with --json is an error of usage on standard output too', async ({ argv, message }) => {
    const { exitCode, stdout, stderr } = await call(launcher, ...argv, '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ error: { code: 'USAGE', message: expect.stringContaining(message) } });
    expect(stderr).not.toBe('');
  });

  test('help names every command', async () => {
    const { exitCode, stdout } = await call(launcher, '--help');
    expect(exitCode).toBe(0);
    for (const command of ['run', 'predict', 'evaluate', 'report'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  test.each(['run', 'predict', 'evaluate', 'report'])('%s has help in lower case, with an example', async (command) => {
    const { exitCode, stdout } = await call(launcher, command, '--help');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n')[2]).toMatch(/^[a-z]/);
    expect(stdout).toContain(`\nexample: bin/pentafold ${command} `);
    expect(stdout).not.toContain('(default: false)');
  });

  test.each([[['--help']], [['predict', '--help']], [['--version']]])(
    '%s ends well and says nothing when nobody reads it',
    async (argv) => {
      const called = spawn(launcher, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
      called.stdout.destroy();
      const stderr = text(called.stderr);
      const [exitCode] = await once(called, 'exit');
      expect({ exitCode, stderr: await stderr }).toEqual({ exitCode: 0, stderr: '' });
    },
  );

  test('an unknown command ends with 1 and a hint', async () => {
    const { exitCode, stderr } = await call(launcher, 'rnu');
    expect(exitCode).toBe(1);
    expect(stderr).toContain("error: unknown command 'rnu'");
    expect(stderr).toContain('run');
  });

  test('an error is said once, with its code and no stack', async () => {
    const { exitCode, stderr } = await call(launcher, 'run', 'nowhere.yaml');
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'error: cannot read the Task file nowhere.yaml: it is not there\n  TASK_FILE_NOT_READABLE: see docs/errors.md\n',
    );
  });

  test('with --json an error is an object on standard output as well', async () => {
    const { exitCode, stdout } = await call(launcher, 'run', 'nowhere.yaml', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'TASK_FILE_NOT_READABLE', message: 'cannot read the Task file nowhere.yaml: it is not there' },
    });
  });

  test('a Task with a fault is refused before anything is made', async () => {
    await writeFile(
      join(folder, 'task.yaml'),
      'apiVersion: pentafold.io/v1alpha1\nkind: Task\nmetadata: {name: a}\nspec: {datset: {}}\n',
    );
    const { exitCode, stderr } = await call(launcher, 'run', 'task.yaml');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('error: the Task is not valid:');
    expect(stderr).toContain('datset');
    await expect(readFile(join(folder, '.pentafold'))).rejects.toThrow('ENOENT');
  });

  test('float16 on a CPU is refused before any step begins', async () => {
    await mkdir(join(folder, 'data'));
    await writeFile(
      join(folder, 'task.yaml'),
      'apiVersion: pentafold.io/v1alpha1\nkind: Task\nmetadata: {name: a}\n' +
        'spec: {dataset: {uri: data}, training: {precision: float16}}\n',
    );
    const { exitCode, stderr } = await call(launcher, 'run', 'task.yaml', '--home', 'home');
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'error: engine torch: on a CPU a training in float16 takes tens of times as long as in float32; ' +
        'ask for precision bfloat16 or float32\n  ENGINE_UNAVAILABLE: see docs/errors.md\n',
    );
  });

  test('--verbose shows where an error came from', async () => {
    const { stderr } = await call(launcher, '--verbose', 'run', 'nowhere.yaml');
    expect(stderr).toContain('at ');
    expect(stderr).toContain('task-file.ts');
  });
});
