// Seconds of one training step here and in PyTorch, taken in turns so that both see the same machine.
//
//   node lib/compute/torch/train-step.bench.ts --python PYTHON [--threads 1] [--features 8-16-32-64] [--rounds 7]
//
// PYTHON has torch of the version that the engine uses. The peer runs as nnU-Net does (channels first) and, as the
// faster choice that nnU-Net does not make, channels-last.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildNetwork } from '#core/network/build-network.ts';
import { initializeParameters } from '#core/network/initialize-parameters.ts';
import { outputExtents } from '#core/network/output-extents.ts';
import { deepSupervisionWeights } from '#core/training/deep-supervision.ts';
import type { GatheredBatch, Training } from '../engine.ts';
import { openTorch } from './index.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    threads: { type: 'string', default: '1' },
    features: { type: 'string', default: '8-16-32-64' },
    rounds: { type: 'string', default: '7' },
  },
});
const threads = Number(values.threads);
const features = values.features.split('-').map(Number);
const patch = [40, 56, 40];
const batch = 2;
const heads = 3;
const stepsPerRound = 3;

const strides = features.map((_, stage) => patch.map(() => (stage === 0 ? 1 : 2)));
const graph = buildNetwork(
  {
    kind: 'PlainConvUNet',
    dimensions: 3,
    featuresPerStage: features,
    kernelSizes: features.map(() => [3, 3, 3]),
    strides,
    encoderBlocksPerStage: features.map(() => 2),
    decoderConvolutionsPerStage: features.slice(1).map(() => 2),
    convolutionBias: true,
    normEpsilon: 1e-5,
  },
  1,
  heads,
);
const weights = deepSupervisionWeights(features.length - 1);

class Peer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor(channelsLast: boolean) {
    const script = fileURLToPath(new URL('./train_step_peer.py', import.meta.url));
    this.#process = spawn(values.python, [script]);
    this.#process.stderr.pipe(process.stderr);
    this.#answers = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
    this.#process.stdin.write(`${JSON.stringify({ threads, features, patch, batch, heads, weights, channelsLast })}\n`);
  }

  async steps(count: number): Promise<number[]> {
    this.#process.stdin.write(`${count}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the peer ended without an answer; does its Python have torch?');
    return (JSON.parse(value) as { seconds: number[] }).seconds;
  }

  end(): void {
    this.#process.stdin.end();
  }
}

/** Any image will do: the time of a step does not depend on its values. */
function someBatch(): GatheredBatch {
  const count = batch * patch.reduce((a, b) => a * b, 1);
  const targets = outputExtents(graph, patch).map((extent) => {
    const shape = [batch, ...extent];
    return { shape, data: Int16Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i >> 3) % heads) };
  });
  return { image: { shape: [batch, 1, ...patch], data: new Float32Array(count).map((_, i) => Math.sin(i)) }, targets };
}

async function ownSteps(training: Training, given: GatheredBatch, count: number): Promise<number[]> {
  const seconds: number[] = [];
  for (let step = 0; step < count; step++) {
    const start = performance.now();
    await training.stepOn(given, 0.01);
    seconds.push((performance.now() - start) / 1000);
  }
  return seconds;
}

const median = (seconds: readonly number[]): number =>
  seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? Number.NaN;

await using engine = await openTorch({ engine: 'torch', device: 'cpu', threads });
await using network = await engine.compile(graph);
await network.setWeights(initializeParameters(graph, 0));
await using training = await network.train(
  {
    loss: { labels: { regions: null, ignore: null }, batchDice: false, deepSupervisionWeights: weights },
    optimizer: { kind: 'sgd', momentum: 0.99, weightDecay: 3e-5 },
    gradientClip: 12,
    previousStageLabels: [],
  },
  [],
);
const given = someBatch();
const contenders = { channelsFirst: new Peer(false), channelsLast: new Peer(true) };
const own: number[] = [];
const peers: Record<keyof typeof contenders, number[]> = { channelsFirst: [], channelsLast: [] };

// The first round warms up caches and compiled kernels and is not counted.
for (let round = 0; round <= Number(values.rounds); round++) {
  const seconds = await ownSteps(training, given, stepsPerRound);
  const first = await contenders.channelsFirst.steps(stepsPerRound);
  const last = await contenders.channelsLast.steps(stepsPerRound);
  if (round === 0) continue;
  own.push(...seconds);
  peers.channelsFirst.push(...first);
  peers.channelsLast.push(...last);
}
contenders.channelsFirst.end();
contenders.channelsLast.end();

const report = {
  bench: 'train-step',
  ...engine.numerics,
  features,
  patch,
  batch,
  seconds: {
    engine: median(own),
    channelsFirst: median(peers.channelsFirst),
    channelsLast: median(peers.channelsLast),
  },
  ratio: {
    channelsFirst: median(peers.channelsFirst) / median(own),
    channelsLast: median(peers.channelsLast) / median(own),
  },
};
process.stdout.write(`${JSON.stringify(report)}\n`);
