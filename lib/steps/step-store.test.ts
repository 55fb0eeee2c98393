import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { aStep } from '#test/a-step.ts';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import type { AttemptWriter } from './attempt-writer.ts';
import { contentDigest } from './manifest.ts';
import { stepDigest } from './step.ts';
import { checkpointPrefix, manifestKey, outputKey } from './step-keys.ts';
import { StepStore } from './step-store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const step = stepDigest(aStep().identity);

let objects: MemoryObjectStore;
let store: StepStore;
beforeEach(() => {
  objects = new MemoryObjectStore();
  store = new StepStore(objects);
});

async function doneStep(): Promise<void> {
  const writer = store.attempt(step, 1);
  await writer.write('final.safetensors', bytes('weights'));
  await writer.writeText('validation/summary.json', '{}');
  await writer.commit({ meanDice: 0.8 });
}

describe('a step description', () => {
  test('comes back as it was given, under the digest of its identity', async () => {
    expect(await store.describe(aStep())).toBe(step);
    expect(await store.description(step)).toEqual(aStep());
  });

  test('that was stored before trainings could start from weights starts from none', async () => {
    const { pretrainedWeightsUri: _, ...before } = aStep();
    await objects.put(`steps/${step}/description.json`, bytes(JSON.stringify(before)));
    expect(await store.description(step)).toEqual({ ...before, pretrainedWeightsUri: null });
  });

  test('whose identity has another digest is refused', async () => {
    const other = await store.describe(aStep({ options: { fold: 1 } }));
    await objects.put(
      `steps/${step}/description.json`,
      (await objects.get(`steps/${other}/description.json`)) ?? bytes(''),
    );
    await expect(store.description(step)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  test('that was never stored is refused', async () => {
    await expect(store.description(step)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  });
});

describe('a step', () => {
  test('is done once an attempt has committed, and its outputs can be read', async () => {
    expect(await store.manifest(step)).toBeUndefined();
    await doneStep();
    const outputs = await store.outputs(step);
    expect(outputs.manifest.result).toEqual({ meanDice: 0.8 });
    expect(outputs.list('')).toEqual(['final.safetensors', 'validation/summary.json']);
    expect(outputs.list('validation/')).toEqual(['validation/summary.json']);
    expect(await outputs.readText('final.safetensors')).toBe('weights');
  });

  test('that is removed leaves nothing behind, and nothing of another is touched', async () => {
    const other = await store.describe(aStep({ options: { fold: 1 } }));
    await store.describe(aStep());
    await store.begin(step, 1);
    await doneStep();
    for (let i = 0; i < 40; i++) await objects.put(outputKey(step, 1, `validation/case_${i}/c/0`), bytes('chunk'));
    await store.remove(step);
    await store.remove(step);
    expect([...objects.objects.keys()]).toEqual([`steps/${other}/description.json`]);
  });

  test('that was withdrawn is not done, and its next attempt can commit', async () => {
    await doneStep();
    await store.withdraw(step);
    expect(await store.manifest(step)).toBeUndefined();
    expect(await store.attempt(step, 2).commit(null)).toBe('won');
    expect((await store.manifest(step))?.attempt).toBe(2);
  });

  test('that is not done has no outputs', async () => {
    await expect(store.outputs(step)).rejects.toThrow(`step ${step} is not done`);
  });

  test('has no output but those of its manifest', async () => {
    await doneStep();
    const outputs = await store.outputs(step);
    await expect(outputs.read('none')).rejects.toThrow(`step ${step} has no output none`);
    await expect(outputs.read('toString')).rejects.toThrow(RangeError);
    expect(await outputs.tryRead('none')).toBeUndefined();
  });

  test('keeps the first of many attempts that commit at once; the others lose', async () => {
    const attempts = Array.from({ length: 16 }, (_, i) => i + 1);
    const places = await Promise.all(
      attempts.map(async (attempt) => {
        const writer = store.attempt(step, attempt);
        await writer.writeText('out', `of ${attempt}`);
        return writer.commit({ attempt });
      }),
    );
    expect(places.filter((place) => place === 'won')).toHaveLength(1);
    const winner = places.indexOf('won') + 1;
    const outputs = await store.outputs(step);
    expect(outputs.manifest.attempt).toBe(winner);
    expect(await outputs.readText('out')).toBe(`of ${winner}`);
  });

  test('is won by an attempt also when it commits a second time', async () => {
    const writer = store.attempt(step, 1);
    expect([await writer.commit(null), await writer.commit(null)]).toEqual(['won', 'won']);
    expect(await store.attempt(step, 2).commit(null)).toBe('lost');
  });

  test('is named by 64 hex digits, and its attempts are counted from 1', async () => {
    await expect(store.manifest('../../etc')).rejects.toThrow('a step is named by 64 hex digits');
    await expect(store.begin(step, 0)).rejects.toThrow('an attempt is a whole number of at least 1, got 0');
  });

  test.each(['failure.json', 'checkpoints/x', 'parts/x'])(
    'may not write an output over the store’s own %s',
    async (path) => {
      await expect(store.attempt(step, 1).write(path, bytes(''))).rejects.toThrow(
        `an output may not be called ${path}`,
      );
    },
  );
});

describe('reading what was damaged', () => {
  test('an output with another byte is refused by name', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 6 }), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const damaged = bytes('weights');
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        await doneStep();
        await objects.put(outputKey(step, 1, 'final.safetensors'), damaged);
        const outputs = await store.outputs(step);
        await expect(outputs.read('final.safetensors')).rejects.toMatchObject({
          code: 'OBJECT_CORRUPT',
          key: outputKey(step, 1, 'final.safetensors'),
        });
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    {
      name: 'is shorter',
      damage: () => objects.put(outputKey(step, 1, 'final.safetensors'), bytes('weight')),
      want: 'got 6 bytes',
    },
    { name: 'is gone', damage: () => objects.delete(outputKey(step, 1, 'final.safetensors')), want: 'got no object' },
  ])('an output that $name is refused by name', async ({ damage, want }) => {
    await doneStep();
    await damage();
    await expect((await store.outputs(step)).read('final.safetensors')).rejects.toThrow(want);
  });

  test.each([
    { name: 'is not JSON', content: '{"step":' },
    { name: 'lacks fields', content: '{}' },
    {
      name: 'is of another step',
      content: JSON.stringify({ step: 'f'.repeat(64), attempt: 1, outputs: {}, result: null }),
    },
  ])('a manifest that $name is refused by name', async ({ content }) => {
    await objects.put(manifestKey(step), bytes(content));
    await expect(store.manifest(step)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT', key: manifestKey(step) });
  });
});

describe('attempts', () => {
  test('are listed in the order of their numbers once begun', async () => {
    for (const attempt of [10, 2, 2, 1]) await store.begin(step, attempt);
    expect(await store.attempts(step)).toEqual([1, 2, 10]);
  });

  test('leave their failure behind', async () => {
    expect(await store.failure(step, 1)).toBeUndefined();
    await store.attempt(step, 1).fail({ code: 'GEOMETRY_MISMATCH', message: 'case a: …' });
    expect(await store.failure(step, 1)).toEqual({ code: 'GEOMETRY_MISMATCH', message: 'case a: …' });
  });

  test('with equal outputs and results have equal content digests', async () => {
    const manifest = { step, attempt: 1, outputs: { a: { sha256: 'f'.repeat(64), bytes: 1 } }, result: null };
    expect(contentDigest({ ...manifest, attempt: 2 })).toBe(contentDigest(manifest));
    expect(contentDigest({ ...manifest, result: 1 })).not.toBe(contentDigest(manifest));
  });
});

describe('a finished part', () => {
  const name = 'validation/reference';
  const facts = { voxels: 3 };

  async function finish(attempt: number, content: string, madeFrom = 'weights 1'): Promise<void> {
    await store.begin(step, attempt);
    await store.part(store.attempt(step, attempt), { name, madeFrom }, async (output) => {
      await output.write('validation/a.nii.gz', bytes(content));
      return facts;
    });
  }

  /** What attempt 9 ends with, having taken over what it can; what it makes says `made anew`. */
  async function ninth(skipped: string[] = []) {
    await store.begin(step, 9);
    const writer = store.attempt(step, 9);
    const make = async (output: Pick<AttemptWriter, 'write'>) => {
      await output.write('validation/a.nii.gz', bytes('made anew'));
      return 'made anew';
    };
    const part = { name, madeFrom: 'weights 1' };
    const returned = await store.part(writer, part, make, ({ key }) => skipped.push(key));
    await writer.commit(null);
    return { returned, content: await (await store.outputs(step)).readText('validation/a.nii.gz') };
  }

  test('is taken over by a later attempt, the latest one first', async () => {
    await finish(2, 'new');
    await finish(1, 'old');
    expect(await ninth()).toEqual({ returned: facts, content: 'new' });
  });

  test('is made when it was made from something else, or is not there', async () => {
    await finish(1, 'other', 'weights 2');
    expect(await ninth()).toEqual({ returned: 'made anew', content: 'made anew' });
  });

  test('whose making failed is not remembered', async () => {
    await store.begin(step, 1);
    const failing = store.part(store.attempt(step, 1), { name, madeFrom: 'weights 1' }, async (output) => {
      await output.write('validation/a.nii.gz', bytes('half'));
      throw new Error('out of luck');
    });
    await expect(failing).rejects.toThrow('out of luck');
    expect(await ninth()).toEqual({ returned: 'made anew', content: 'made anew' });
  });

  test('that is damaged is passed over for an older one, and said', async () => {
    await finish(2, 'new');
    await finish(1, 'old');
    const key = outputKey(step, 2, 'validation/a.nii.gz');
    await objects.put(key, bytes('nem'));
    const skipped: string[] = [];
    expect(await ninth(skipped)).toEqual({ returned: facts, content: 'old' });
    expect(skipped).toEqual([key]);
  });

  test('is no checkpoint, and outlives one that its attempt saves later', async () => {
    await finish(1, 'old');
    expect(await store.latestCheckpoint(step)).toBeUndefined();
    expect(await store.hasCheckpoint(step)).toBe(false);
    await store.saveCheckpoint(step, 1, { iteration: 1, files: new Map(), facts: null });
    expect((await ninth()).content).toBe('old');
  });

  test('is forgotten once the step is done', async () => {
    await finish(1, 'old');
    await store.removeInterim(step, [1]);
    expect((await objects.list('')).filter((key) => key.includes('/parts/'))).toEqual([]);
    expect((await ninth()).content).toBe('made anew');
  });
});

describe('checkpoints', () => {
  const checkpoint = (iteration: number, content = `weights ${iteration}`) => ({
    iteration,
    files: new Map([['model.safetensors', bytes(content)]]),
    facts: { iteration },
  });

  async function save(attempt: number, iteration: number): Promise<void> {
    await store.begin(step, attempt);
    await store.saveCheckpoint(step, attempt, checkpoint(iteration));
  }

  /** Names of the folders of an attempt's checkpoints. */
  async function saved(attempt: number): Promise<string[]> {
    const prefix = checkpointPrefix(step, attempt);
    const keys = await objects.list(prefix);
    return [...new Set(keys.map((key) => key.slice(prefix.length).split('/')[0] ?? ''))];
  }

  test('come back with their files and facts', async () => {
    await save(1, 7);
    expect(await store.latestCheckpoint(step)).toEqual({ ...checkpoint(7), attempt: 1 });
  });

  test('there is none at first', async () => {
    await store.begin(step, 1);
    expect(await store.latestCheckpoint(step)).toBeUndefined();
    expect(await store.hasCheckpoint(step)).toBe(false);
  });

  test('of any attempt are seen without reading them', async () => {
    await store.begin(step, 1);
    await save(2, 7);
    expect(await store.hasCheckpoint(step)).toBe(true);
  });

  test('the highest iteration of any attempt is the latest', async () => {
    await save(1, 900);
    await save(2, 1000);
    await save(3, 30);
    expect(await store.latestCheckpoint(step)).toMatchObject({ attempt: 2, iteration: 1000 });
  });

  test('of equal iterations that of the later attempt is the latest', async () => {
    await save(1, 5);
    await save(2, 5);
    expect(await store.latestCheckpoint(step)).toMatchObject({ attempt: 2 });
  });

  test('a new one takes the place of the attempt’s older ones, and of no other attempt’s', async () => {
    await save(1, 10);
    await save(2, 20);
    await save(2, 30);
    expect(await saved(2)).toEqual([expect.stringMatching(/^0000000030-/)]);
    expect(await saved(1)).toHaveLength(1);
  });

  test('an iteration saved again with other facts goes under a key of its own', async () => {
    await store.begin(step, 1);
    await store.saveCheckpoint(step, 1, checkpoint(5));
    const [first] = await saved(1);
    await store.saveCheckpoint(step, 1, { ...checkpoint(5), facts: { seconds: 3 } });
    expect(await saved(1)).not.toEqual([first]);
    expect(await store.latestCheckpoint(step)).toMatchObject({ iteration: 5, facts: { seconds: 3 } });
  });

  test('a damaged one is passed over for an older one, and said', async () => {
    await save(1, 10);
    await save(2, 20);
    const file = `${checkpointPrefix(step, 2)}${(await saved(2))[0]}/files/model.safetensors`;
    await objects.put(file, bytes('weights 2O'));
    const skipped: string[] = [];
    expect(await store.latestCheckpoint(step, ({ key }) => skipped.push(key))).toMatchObject({ iteration: 10 });
    expect(skipped).toEqual([file]);
  });

  test('at every write of a save there is a whole checkpoint to go on from', async () => {
    await save(1, 10);
    const seen: number[] = [];
    const watching = new Proxy(objects, {
      get(target, name) {
        if (name !== 'put' && name !== 'delete') return Reflect.get(target, name).bind(target);
        return async (key: string, content: Uint8Array) => {
          seen.push((await store.latestCheckpoint(step))?.iteration ?? Number.NaN);
          await (name === 'put' ? target.put(key, content) : target.delete(key));
        };
      },
    });
    await new StepStore(watching).saveCheckpoint(step, 1, checkpoint(20));
    expect(seen).toEqual([10, 10, 20, 20]);
    expect(await store.latestCheckpoint(step)).toMatchObject({ iteration: 20 });
  });

  test('of a step that is done can be removed', async () => {
    await save(1, 10);
    await save(2, 20);
    await store.removeInterim(step, [2]);
    expect(await store.latestCheckpoint(step)).toMatchObject({ iteration: 10 });
    await store.removeInterim(step, [1]);
    expect((await objects.list('')).filter((key) => key.includes('/checkpoints/'))).toEqual([]);
  });
});
