import { expect, it } from 'vitest';
import { EngineUnavailableError } from '../engine-unavailable-error.ts';
import { openTfjs } from './index.ts';

const graph = {
  dimensions: 2,
  nodes: [{ op: 'input', channels: 1 }],
  outputs: [0],
  inputChannels: 1,
  heads: 1,
  divisor: [1, 1],
  parameters: [],
} as const;

it('says that it computes on one thread, whatever was asked for', async () => {
  await using engine = await openTfjs({ engine: 'tfjs', device: 'cpu', dtype: 'float32', threads: 4 });
  expect(engine.numerics).toMatchObject({ engine: 'tfjs', device: 'cpu', dtype: 'float32', threads: 1 });
});

it('is unavailable by name on a device whose package is not installed', async () => {
  const opened = openTfjs({ engine: 'tfjs', device: 'cuda', dtype: 'float32', threads: 1 });
  await expect(opened).rejects.toBeInstanceOf(EngineUnavailableError);
  await expect(opened).rejects.toThrow('@tensorflow/tfjs-node-gpu is not usable here');
});

it.each(['bfloat16', 'float16'] as const)('is unavailable by name in %s', async (dtype) => {
  const opened = openTfjs({ engine: 'tfjs', device: 'cpu', dtype, threads: 1 });
  await expect(opened).rejects.toBeInstanceOf(EngineUnavailableError);
  await expect(opened).rejects.toThrow(
    `it does not train in ${dtype}; ask for precision float32, or engine torch for bfloat16`,
  );
});

it('fails calls that are waiting or made after it is closed', async () => {
  const engine = await openTfjs({ engine: 'tfjs', device: 'cpu', dtype: 'float32', threads: 1 });
  const network = await engine.compile(graph);
  const waiting = expect(network.weights()).rejects.toThrow('the tfjs engine has been closed');
  await engine[Symbol.asyncDispose]();
  await waiting;
  await expect(network.weights()).rejects.toThrow('the tfjs engine has been closed');
});

it('refuses calls on a network that has been closed', async () => {
  await using engine = await openTfjs({ engine: 'tfjs', device: 'cpu', dtype: 'float32', threads: 1 });
  const network = await engine.compile(graph);
  await network[Symbol.asyncDispose]();
  await expect(network.weights()).rejects.toThrow('this network has been closed');
});
