// The whole loop as `pentafold run` joins it: real child processes, directories and gRPC; only the method is faked.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const program = fileURLToPath(new URL('./run-with-fakes.ts', import.meta.url));

let folder: string;
let home: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentafold-run-'));
  home = join(folder, 'home');
  await mkdir(join(folder, 'dataset'));
  await writeFile(join(folder, 'dataset', 'dataset.json'), '{}');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function taskFile(spec: object = {}): Promise<string> {
  const path = join(folder, 'task.yaml');
  const task = {
    apiVersion: 'pentafold.io/v1alpha1',
    kind: 'Task',
    metadata: { name: 'fake' },
    spec: { dataset: { uri: 'dataset' }, configurations: ['2d'], folds: 2, workers: { parallel: 2 }, ...spec },
  };
  // JSON is YAML.
  await writeFile(path, JSON.stringify(task));
  return path;
}

interface Ended {
  readonly exitCode: number | null;
  /** The outcome on standard output, if there was one. */
  readonly outcome: {
    readonly outcome: string;
    readonly status: { readonly progress: string };
    readonly model: string;
  };
  readonly stderr: string;
}

interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

async function run(
  behaviour: Readonly<Record<string, string>> = {},
  spec: object = {},
  env: object = {},
): Promise<Run> {
  const child = spawn(process.execPath, [program, await taskFile(spec), home], {
    env: { ...process.env, ...env, FAKE_BEHAVIOUR: JSON.stringify(behaviour) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = (stream: ChildProcess['stdout']) => stream?.setEncoding('utf8').toArray() ?? Promise.resolve([]);
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ended = Promise.all([exit, output]).then(([exitCode, [stdout, stderr]]) => ({
    exitCode,
    outcome: stdout.length === 0 ? undefined : JSON.parse(stdout.join('')),
    stderr: stderr.join(''),
  }));
  return { child, ended };
}

/** Waits for a condition, not for time. */
async function until(condition: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`it never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function filesBelow(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Until the slow fold has come to its third checkpoint, after which it is waiting. */
const thirdCheckpoint = () =>
  until(
    async () =>
      (await filesBelow(join(home, 'objects'))).some((path) => /checkpoints\/0*3-.*reference\.json$/.test(path)),
    'a third checkpoint',
  );

/** How far each fold's last attempt had come when it began, sorted. */
async function begunAt(): Promise<string[]> {
  const files = (await filesBelow(join(home, 'objects'))).filter((path) => path.endsWith('begun.txt'));
  return (await Promise.all(files.map((path) => readFile(path, 'utf8')))).sort();
}

const RUNNING_SLOWLY = { 'train 2d fold 0': 'slow', 'train 2d fold 1': 'slow' };

describe('pentafold run', () => {
  test('a Task succeeds, and its weights and model lie where scripts look for them', async () => {
    const { exitCode, outcome, stderr } = await (await run()).ended;
    expect(stderr).toContain('Task fake succeeded');
    expect(outcome).toMatchObject({
      task: 'fake',
      outcome: 'succeeded',
      ranking: [{ members: ['2d'], voting: 'soft', meanDice: 0.75 }],
      warnings: { total: 1, first: [{ caseId: 'case_4', message: 'the label holds background only' }] },
      model: join(home, 'models', 'fake'),
      status: { progress: '100%', best: { dice: '0.750' }, model: { name: 'fake', version: 1 } },
    });
    expect(exitCode).toBe(0);
    expect(await readFile(join(home, 'tasks/fake/2d/fold_1/final.safetensors'), 'utf8')).toBe('weights');
    expect((await filesBelow(join(home, 'models/fake'))).sort()).toEqual([
      join(home, 'models/fake/2d/fold_0.safetensors'),
      join(home, 'models/fake/model.json'),
    ]);
  });

  test('a finished Task returns at once and starts nothing', async () => {
    await (await run()).ended;
    const before = await filesBelow(home);
    const started = Date.now();
    const { exitCode, outcome } = await (await run({ ingest: 'bad-input' })).ended;
    expect(exitCode).toBe(0);
    expect(outcome.outcome).toBe('succeeded');
    // The promise is 2 s on a quiet machine; tests share theirs with others.
    expect(Date.now() - started).toBeLessThan(5000);
    expect(await filesBelow(home)).toEqual(before);
  });

  test.each([
    {
      name: 'weights with other bytes',
      match: /[0-9]\/final\.safetensors$/,
      damage: (path: string) => writeFile(path, 'WEIGHTS'),
    },
    { name: 'truncated weights', match: /[0-9]\/final\.safetensors$/, damage: (path: string) => writeFile(path, '') },
    { name: 'a file of the model that is gone', match: /model\.json$/, damage: (path: string) => rm(path) },
    { name: 'a torn manifest', match: /manifest\.json$/, damage: (path: string) => writeFile(path, '{') },
  ])('$name in the store: the step is done again', async ({ match, damage }) => {
    await (await run()).ended;
    const stored = (await filesBelow(join(home, 'objects'))).filter((path) => match.test(path));
    expect(stored.length).toBeGreaterThan(0);
    for (const path of stored) await damage(path);
    const { exitCode, outcome } = await (await run()).ended;
    expect(exitCode).toBe(0);
    expect(outcome.outcome).toBe('succeeded');
    // Whatever is left is whole: the next run has nothing to do.
    const before = await filesBelow(home);
    expect((await (await run({ ingest: 'bad-input', 'train 2d fold 0': 'bad-input' })).ended).exitCode).toBe(0);
    expect(await filesBelow(home)).toEqual(before);
    expect(await readFile(join(home, 'tasks/fake/2d/fold_0/final.safetensors'), 'utf8')).toBe('weights');
  });

  test('results that were damaged where people look are put right', async () => {
    await (await run()).ended;
    const shown = [
      join(home, 'tasks/fake/2d/fold_1/final.safetensors'),
      join(home, 'models/fake/2d/fold_0.safetensors'),
    ];
    for (const path of shown) await writeFile(path, 'WEIGHTS');
    expect((await (await run()).ended).exitCode).toBe(0);
    for (const path of shown) expect(await readFile(path, 'utf8')).toBe('weights');
  });

  test('folds that a changed Task no longer has leave its folder, and the model says what it took the place of', async () => {
    await (await run({}, { folds: 3 })).ended;
    const { stderr } = await (await run({}, { folds: 2 })).ended;
    expect(stderr).toContain('Model fake is now version 2 (2d, 0.750): ');
    expect(stderr).toContain('version 1 was 2d, 0.750\n');
    expect((await readdir(join(home, 'tasks/fake/2d'))).sort()).toEqual(['fold_0', 'fold_1']);
  });

  test('a changed data set with the same content is ingested again and nothing else', async () => {
    await (await run()).ended;
    await utimes(join(folder, 'dataset', 'dataset.json'), 1, 1);
    const before = (await filesBelow(home)).filter((path) => path.endsWith('manifest.json'));
    expect((await (await run()).ended).exitCode).toBe(0);
    const after = (await filesBelow(home)).filter((path) => path.endsWith('manifest.json'));
    expect(after).toHaveLength(before.length + 1);
  });

  test('bad input fails the Task at once, with the reason, the place of the log and exit code 1', async () => {
    const { exitCode, outcome, stderr } = await (await run({ 'train 2d fold 1': 'bad-input' })).ended;
    expect(exitCode).toBe(1);
    expect(outcome.outcome).toBe('failed');
    expect(stderr).toContain(
      'error: Task fake failed (FakeDataFaulty): train 2d fold 1: case case_3 is faulty.\n  log: ',
    );
    const log = /log: (.*)/.exec(stderr)?.[1] ?? '';
    expect(await readFile(log, 'utf8')).toContain('FAKE_DATA_FAULTY');
  });

  test('a failed Task is tried again by the next run', async () => {
    expect((await (await run({ 'preprocess 2d': 'bad-input' })).ended).exitCode).toBe(1);
    expect((await (await run()).ended).exitCode).toBe(0);
  });

  test('a killed worker and a failed one are tried again', async () => {
    const behaviour = { 'train 2d fold 0': 'crash-once', 'train 2d fold 1': 'fail-once', ensemble: 'crash-once' };
    const { exitCode } = await (await run(behaviour)).ended;
    expect(exitCode).toBe(0);
  });

  test('a step that fails every time fails the Task after its third attempt', async () => {
    const { exitCode, stderr } = await (await run({ ensemble: 'fail' })).ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('(Internal): ensemble: ensemble had no luck.');
    const failures = (await filesBelow(join(home, 'objects'))).filter((path) => path.endsWith('failure.json'));
    expect(failures).toHaveLength(3);
  });

  test('killed with SIGKILL, the same command goes on from the checkpoints', async () => {
    const first = await run(RUNNING_SLOWLY);
    await thirdCheckpoint();
    first.child.kill('SIGKILL');
    await first.ended;
    const { exitCode } = await (await run()).ended;
    expect(exitCode).toBe(0);
    expect((await begunAt()).map(Number).some((begun) => begun >= 3)).toBe(true);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it well, and the same command goes on', async (signal) => {
    const first = await run(RUNNING_SLOWLY);
    await thirdCheckpoint();
    first.child.kill(signal);
    const { exitCode, outcome, stderr } = await first.ended;
    expect(exitCode).toBe(130);
    expect(outcome.outcome).toBe('interrupted');
    expect(stderr).toContain('Stopping: workers save a checkpoint and end.');
    expect(stderr).toContain('Run the same command again to go on from here.');
    expect((await (await run()).ended).exitCode).toBe(0);
    expect((await begunAt()).map(Number).some((begun) => begun >= 3)).toBe(true);
  });

  test('a second Ctrl-C ends it at once', async () => {
    const { child, ended } = await run(RUNNING_SLOWLY);
    await thirdCheckpoint();
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect((await ended).exitCode).toBe(130);
  });

  test('a suspended Task stops, and goes on when it is not suspended any more', async () => {
    const suspended = await (await run({}, { suspend: true })).ended;
    expect(suspended.exitCode).toBe(1);
    expect(suspended.stderr).toContain('Set spec.suspend to false');
    expect((await (await run()).ended).exitCode).toBe(0);
  });

  test('two runs never work on one home', async () => {
    const first = await run(RUNNING_SLOWLY);
    await thirdCheckpoint();
    const second = await (await run()).ended;
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toContain(`process ${first.child.pid} works on ${home} already`);
    first.child.kill('SIGINT');
    await first.ended;
  });

  test('a configuration that is not planned is refused by name', async () => {
    const { exitCode, stderr } = await (await run({}, { configurations: ['2d', '3d_lowres'] })).ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('(ConfigurationNotPlanned): spec.configurations asks for 3d_lowres');
  });

  test('a longer schedule goes on from the folds that are there, which are shown no more', async () => {
    await (await run()).ended;
    const manifests = async () => (await filesBelow(home)).filter((path) => path.endsWith('manifest.json'));
    const before = await manifests();
    const { exitCode, outcome } = await (await run({}, { training: { epochs: 2000, continueFrom: [1000] } })).ended;
    expect(exitCode).toBe(0);
    expect(outcome.status).toMatchObject({ configurations: [{ name: '2d', folds: 2, foldsDone: 2 }] });
    // Fake folds all make the same, so what is made of them is found again.
    expect(await manifests()).toHaveLength(before.length + 2);
    expect((await readdir(join(home, 'tasks/fake/2d'))).sort()).toEqual(['fold_0', 'fold_1']);
  });

  test('weights to start from that are not there fail the Task, and others are other trainings', async () => {
    const pretrained = { training: { pretrainedWeights: { '2d': 'weights.safetensors' } } };
    const { exitCode, stderr } = await (await run({}, pretrained)).ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('(PretrainedWeightsUnusable): spec.training.pretrainedWeights.2d: file:');
    const trainings = async () => (await filesBelow(home)).filter((path) => path.endsWith('begun/1')).length;
    await writeFile(join(folder, 'weights.safetensors'), 'some');
    expect((await (await run({}, pretrained)).ended).exitCode).toBe(0);
    const before = await trainings();
    await writeFile(join(folder, 'weights.safetensors'), 'others');
    expect((await (await run({}, pretrained)).ended).exitCode).toBe(0);
    expect(await trainings()).toBe(before + 2);
  });

  test('workers of another version are stopped, and the Task fails by that name', async () => {
    const { exitCode, stderr } = await (await run({}, {}, { FAKE_VERSION: '9.9.9' })).ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain('(WorkerVersionMismatch)');
    await expect(stat(join(home, 'models'))).rejects.toThrow('ENOENT');
  });
});
