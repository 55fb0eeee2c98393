import { expect, it } from 'vitest';
import { EngineUnavailableError } from './engine-unavailable-error.ts';
import { openTrainingEngine } from './open-training-engine.ts';

it('refuses to train a Task in float16 on a CPU, and says why and what to ask for', async () => {
  const opened = openTrainingEngine({ engine: 'torch', device: 'cpu', dtype: 'float16', threads: 1 });
  await expect(opened).rejects.toBeInstanceOf(EngineUnavailableError);
  await expect(opened).rejects.toThrow(
    'on a CPU a training in float16 takes tens of times as long as in float32; ask for precision bfloat16 or float32',
  );
});

it('says of an engine without float16 what that engine says', async () => {
  await expect(openTrainingEngine({ engine: 'tfjs', device: 'cpu', dtype: 'float16', threads: 1 })).rejects.toThrow(
    'engine tfjs: it does not train in float16; ask for precision float32',
  );
});

it('opens every other one', async () => {
  await using engine = await openTrainingEngine({ engine: 'tfjs', device: 'cpu', dtype: 'float32', threads: 1 });
  expect(engine.numerics).toMatchObject({ engine: 'tfjs', dtype: 'float32' });
});
