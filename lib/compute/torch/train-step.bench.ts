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
import { deepSupervisionWeights } from '#core/training/deep-supervision.ts';
import { BATCH, benchNetwork, HEADS, median, openWorkload, PATCH } from './bench-workload.ts';
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
const graph = benchNetwork(features);
const weights = deepSupervisionWeights(features.length - 1);
const stepsPerRound = 3;

class Peer {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;

  constructor(channelsLast: boolean) {
    const script = fileURLToPath(new URL('./train_step_peer.py', import.meta.url));
    this.#process = spawn(values.python, [script]);
    this.#process.stderr.pipe(process.stderr);
    this.#answers = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
    this.#process.stdin.write(
      `${JSON.stringify({ threads, features, patch: PATCH, batch: BATCH, heads: HEADS, weights, channelsLast })}\n`,
    );
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

await using engine = await openTorch({ engine: 'torch', device: 'cpu', dtype: 'float32', threads });
await using workload = await openWorkload(engine, graph);
const contenders = { channelsFirst: new Peer(false), channelsLast: new Peer(true) };
const own: number[] = [];
const peers: Record<keyof typeof contenders, number[]> = { channelsFirst: [], channelsLast: [] };

// The first round warms up caches and compiled kernels and is not counted.
for (let round = 0; round <= Number(values.rounds); round++) {
  const seconds = await workload.secondsOfSteps(stepsPerRound);
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
  patch: PATCH,
  batch: BATCH,
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
