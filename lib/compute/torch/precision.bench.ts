// Seconds of one training step in bfloat16 and in float32, taken in turns so that both see the same machine.
//
//   node lib/compute/torch/precision.bench.ts [--threads 1] [--features 32-64-128] [--rounds 5]

import { parseArgs } from 'node:util';
import { BATCH, benchNetwork, median, openWorkload, PATCH } from './bench-workload.ts';
import { openTorch } from './index.ts';

const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: '1' },
    features: { type: 'string', default: '32-64-128' },
    rounds: { type: 'string', default: '5' },
  },
});
const features = values.features.split('-').map(Number);
const graph = benchNetwork(features);
const request = { engine: 'torch', device: 'cpu', threads: Number(values.threads) } as const;

await using single = await openTorch({ ...request, dtype: 'float32' });
await using reduced = await openTorch({ ...request, dtype: 'bfloat16' });
await using singleWork = await openWorkload(single, graph);
await using reducedWork = await openWorkload(reduced, graph);
const seconds: Record<'float32' | 'bfloat16', number[]> = { float32: [], bfloat16: [] };

// The first round warms up caches and compiled kernels and is not counted.
for (let round = 0; round <= Number(values.rounds); round++) {
  const inFloat32 = await singleWork.secondsOfSteps(2);
  const inBfloat16 = await reducedWork.secondsOfSteps(2);
  if (round === 0) continue;
  seconds.float32.push(...inFloat32);
  seconds.bfloat16.push(...inBfloat16);
}

const report = {
  bench: 'precision',
  ...reduced.numerics,
  features,
  patch: PATCH,
  batch: BATCH,
  seconds: { float32: median(seconds.float32), bfloat16: median(seconds.bfloat16) },
  ratio: median(seconds.float32) / median(seconds.bfloat16),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
