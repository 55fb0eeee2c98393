import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Numerics } from '#compute/engine.ts';
import { EngineUnavailableError } from '#compute/engine-unavailable-error.ts';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { register } from '../commands/doctor.ts';
import { fault, ok } from './check.ts';
import { datasetCheck, engineCheck, homeCheck, memoryCheck, nodeCheck } from './machine-checks.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

test.each([
  { version: '24.0.0', want: 'ok' },
  { version: '26.1.0', want: 'ok' },
  { version: '20.19.1', want: 'fault' },
])('Node.js $version: $want', async ({ version, want }) => {
  expect(await nodeCheck(version).look()).toMatchObject({ level: want });
});

test.each([
  { gib: 24, want: 'ok' },
  { gib: 2, want: 'warning' },
])('$gib GiB of memory: $want', async ({ gib, want }) => {
  expect(await memoryCheck(gib * 2 ** 30).look()).toMatchObject({ level: want, detail: `${gib}.0 GiB` });
});

describe('the engine', () => {
  test('that is there says its version', async () => {
    const numerics: Numerics = {
      engine: 'torch',
      version: 'libtorch 2.11.0',
      device: 'cpu',
      dtype: 'float32',
      instructionSet: 'avx2',
      threads: 1,
    };
    const open = async () => ({ numerics, async [Symbol.asyncDispose]() {} });
    expect(await engineCheck(open).look()).toEqual(ok('libtorch 2.11.0, avx2'));
  });

  test('that was not built is a fault, with the remedy by itself', async () => {
    const absent = new EngineUnavailableError('torch', 'it was not built', 'run npm run setup');
    expect(await engineCheck(() => Promise.reject(absent)).look()).toEqual(
      fault('it was not built', 'run npm run setup'),
    );
  });
});

describe('the home', () => {
  test('that can be written to is as it was afterwards', async () => {
    expect(await homeCheck(folder.path).look()).toMatchObject({ detail: expect.stringContaining(' free') });
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('that is not there yet is not there afterwards either', async () => {
    expect(await homeCheck(join(folder.path, 'new', 'home')).look()).toMatchObject({
      detail: expect.stringContaining(' free'),
    });
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('that is a file cannot be used', async () => {
    const file = join(folder.path, 'file');
    await writeFile(file, '');
    expect(await homeCheck(file).look()).toMatchObject({ level: 'fault', remedy: 'choose another --home' });
  });

  test.skipIf(process.getuid?.() === 0)('that may not be written to cannot be used', async () => {
    await chmod(folder.path, 0o500);
    expect(await homeCheck(folder.path).look()).toMatchObject({ level: 'fault' });
  });
});

describe('the data set', () => {
  async function put(label: number): Promise<void> {
    const dataset = { name: 'Tiny', channel_names: { 0: 'T1' }, labels: { background: 0, lesion: 1 }, numTraining: 1 };
    await writeFile(join(folder.path, 'dataset.json'), JSON.stringify({ ...dataset, file_ending: '.nii.gz' }));
    const volume = (value: number) =>
      writeNifti(Float32Array.of(0, value), shapeZyx(1, 1, 2), axisAlignedGeometry(spacingZyx(1, 1, 1)));
    for (const [name, value] of [
      ['imagesTr/a_0000.nii.gz', 5],
      ['labelsTr/a.nii.gz', label],
    ] as const) {
      await mkdir(join(folder.path, name, '..'), { recursive: true });
      await writeFile(join(folder.path, name), volume(value));
    }
  }

  test('that is sound is counted', async () => {
    await put(1);
    expect(await datasetCheck(folder.path).look()).toMatchObject({ level: 'ok', detail: 'Tiny: 1 case can be used' });
  });

  test('that is not says its first fault, and where all are told', async () => {
    await put(7);
    expect(await datasetCheck(folder.path).look()).toMatchObject({
      level: 'fault',
      detail: 'case a: label 7 is not in dataset.json, which declares 0, 1',
      remedy: `see all of it with pentafold verify ${folder.path}`,
    });
  });
});

test('the command ends with 1 when it prints a fault', async () => {
  const file = join(folder.path, 'file');
  await writeFile(file, '');
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    const program = new Command('pentafold');
    register(program, {});
    await program.parseAsync(['node', 'pentafold', 'doctor', '--json', '--home', file]);
    const { healthy, findings } = JSON.parse(String(write.mock.lastCall?.[0]));
    expect(healthy).toBe(false);
    expect(findings).toContainEqual(expect.objectContaining({ name: 'home', level: 'fault' }));
    expect(process.exitCode).toBe(1);
  } finally {
    write.mockRestore();
    process.exitCode = undefined;
  }
});
