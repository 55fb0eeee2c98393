import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { PreprocessedCase } from '#core/preprocessing/preprocessed-case.ts';
import { encodeCase } from '#formats/zarr.ts';
import { outputKey } from '#steps/step-keys.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';
import { StepStore } from '#steps/step-store.ts';
import { aStep } from '#test/a-step.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { CaseCache } from './case-cache.ts';

const HOUR_MS = 60 * 60 * 1000;
/** float32 image and int16 label of 24 voxels. */
const CASE_BYTES = 24 * 6;

let folder: TemporaryFolder;
let objects: MemoryObjectStore;
let clock: ManualClock;
beforeEach(async () => {
  folder = await temporaryFolder();
  objects = new MemoryObjectStore();
  clock = new ManualClock();
});
afterEach(() => folder[Symbol.asyncDispose]());

const cacheOf = (maximumBytes = 1000 * CASE_BYTES) => new CaseCache({ folder: folder.path, maximumBytes, clock });

function aCase(caseId: string, value: number): PreprocessedCase {
  const grid = { shape: shapeNet(2, 3, 4), spacing: spacingNet(1, 1, 1) };
  return {
    caseId,
    image: { ...grid, channels: 1, data: new Float32Array(24).fill(value) },
    label: { ...grid, data: Int16Array.from({ length: 24 }, (_, i) => (i === 0 ? -1 : i % 2)) },
    classLocations: [
      { label: 1, locations: Int32Array.of(0, 0, 1, 1, 2, 3) },
      { label: 2, locations: new Int32Array() },
    ],
    record: {
      shapeBeforeCropping: [2, 3, 4],
      cropBox: [
        [0, 2],
        [0, 3],
        [0, 4],
      ],
      shapeAfterCropping: [2, 3, 4],
      spacingBefore: [1, 1, 1],
    },
  };
}

/** Outputs of a preprocess step; `fold` only makes it another step. */
async function outputsOf(cases: readonly PreprocessedCase[], fold = 0): Promise<StepOutputs> {
  const store = new StepStore(objects);
  const step = await store.describe(aStep({ kind: 'preprocess', options: { fold } }));
  const writer = store.attempt(step, 1);
  for (const one of cases) {
    for (const [key, bytes] of encodeCase(one)) await writer.write(`cases/${one.caseId}/${key}`, bytes);
  }
  await writer.commit({ cases: cases.length });
  return store.outputs(step);
}

const entries = () => readdir(folder.path);

describe('CaseCache', () => {
  test('unpacks arrays that an engine can map, and keeps the locations at hand', async () => {
    const { training, classLocations } = await cacheOf().open('a', await outputsOf([aCase('a', 7)]));
    expect(training).toMatchObject({ caseId: 'a', shape: [2, 3, 4], channels: 1 });
    expect(new Float32Array(new Uint8Array(await readFile(training.imagePath)).buffer)).toEqual(
      aCase('a', 7).image.data,
    );
    expect(new Int16Array(new Uint8Array(await readFile(training.labelPath)).buffer)).toEqual(aCase('a', 7).label.data);
    expect(classLocations).toEqual(aCase('a', 7).classLocations);
  });

  test('takes what is there already, also from another step with the same contents', async () => {
    const first = await cacheOf().open('a', await outputsOf([aCase('a', 7)]));
    await writeFile(first.training.imagePath, new Uint8Array(24 * 4).fill(1));
    const again = await cacheOf().open('a', await outputsOf([aCase('a', 7)], 1));
    expect(again).toEqual(first);
    expect((await readFile(again.training.imagePath))[0]).toBe(1);
  });

  test('unpacks again what does not have its full length', async () => {
    const outputs = await outputsOf([aCase('a', 7)]);
    const { training } = await cacheOf().open('a', outputs);
    await truncate(training.imagePath, 10);
    await cacheOf().open('a', outputs);
    expect((await readFile(training.imagePath)).length).toBe(24 * 4);
  });

  test('gives cases with other contents entries of their own, whatever their id', async () => {
    const cache = cacheOf();
    const first = await cache.open('a', await outputsOf([aCase('a', 7)]));
    const other = await cache.open('a', await outputsOf([aCase('a', 8)], 1));
    expect(other.training.imagePath).not.toBe(first.training.imagePath);
  });

  test('several processes may unpack the same case at once', async () => {
    const outputs = await outputsOf([aCase('a', 7)]);
    const [first, second] = await Promise.all([cacheOf().open('a', outputs), cacheOf().open('a', outputs)]);
    expect(second).toEqual(first);
    expect(await entries()).toHaveLength(1);
  });

  test('removes what was not used for longest when room is short', async () => {
    const outputs = await outputsOf(['a', 'b', 'c'].map((caseId, i) => aCase(caseId, i)));
    // Room for two cases with their locations, not for three.
    const cache = cacheOf(3 * CASE_BYTES - 1);
    const a = await cache.open('a', outputs);
    clock.advance(1000);
    const b = await cache.open('b', outputs);
    clock.advance(1000);
    await cache.open('a', outputs);
    clock.advance(2 * HOUR_MS);
    const c = await cache.open('c', outputs);
    const folderOf = (path: string) => path.split('/').at(-2);
    expect((await entries()).sort()).toEqual([folderOf(a.training.imagePath), folderOf(c.training.imagePath)].sort());
    expect(folderOf(b.training.imagePath)).not.toBe(folderOf(c.training.imagePath));
  });

  test('removes nothing that may be in use, whatever the bound', async () => {
    const outputs = await outputsOf(['a', 'b'].map((caseId, i) => aCase(caseId, i)));
    const cache = cacheOf(1);
    await cache.open('a', outputs);
    clock.advance(HOUR_MS / 2);
    await cache.open('b', outputs);
    expect(await entries()).toHaveLength(2);
  });

  test('says which step lacks the case', async () => {
    const outputs = await outputsOf([aCase('a', 7)]);
    await expect(cacheOf().open('z', outputs)).rejects.toThrow(`step ${outputs.manifest.step} has no cases/z`);
  });

  test('leaves no half entry when the case cannot be read', async () => {
    const outputs = await outputsOf([aCase('a', 7)]);
    await objects.put(
      outputKey(outputs.manifest.step, outputs.manifest.attempt, 'cases/a/image/c/0/0/0/0'),
      new Uint8Array([1]),
    );
    await expect(cacheOf().open('a', outputs)).rejects.toThrow();
    expect(await entries()).toEqual([]);
  });
});
