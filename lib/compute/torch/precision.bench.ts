// Seconds of one training step in a reduced precision and in float32, taken in turns so that both see the same machine.
//
//   node lib/compute/torch/precision.bench.ts [--precision bfloat16|float16] [--threads 1] [--features 32-64-128] [--rounds 5]

import { parseArgs } from 'node:util';
import { PRECISIONS } from '#core/training/precision.ts';
import { BATCH, benchNetwork, median, openWorkload, PATCH } from './bench-workload.ts';
import { openTorch } from './index.ts';

const { values } = parseArgs({
  options: {
    precision: { type: 'string', default: 'bfloat16' },
    threads: { type: 'string', default: '1' },
    features: { type: 'string', default: '32-64-128' },
    rounds: { type: 'string', default: '5' },
  },
});
const precision = PRECISIONS.find((one) => one === values.precision);
if (precision === undefined)
  throw new RangeError(`expected one of ${PRECISIONS} for --precision, got ${values.precision}`);
const features = values.features.split('-').map(Number);
const graph = benchNetwork(features);
const request = { engine: 'torch', device: 'cpu', threads: Number(values.threads) } as const;

await using single = await openTorch({ ...request, dtype: 'float32' });
await using reduced = await openTorch({ ...request, dtype: precision });
await using singleWork = await openWorkload(single, graph);
await using reducedWork = await openWorkload(reduced, graph);
const seconds: { readonly float32: number[]; readonly reduced: number[] } = { float32: [], reduced: [] };

// The first round warms up caches and compiled kernels and is not counted.
for (let round = 0; round <= Number(values.rounds); round++) {
  const inFloat32 = await singleWork.secondsOfSteps(2);
  const inReduced = await reducedWork.secondsOfSteps(2);
  if (round === 0) continue;
  seconds.float32.push(...inFloat32);
  seconds.reduced.push(...inReduced);
}

const report = {
  bench: 'precision',
  ...reduced.numerics,
  features,
  patch: PATCH,
  batch: BATCH,
  seconds: { float32: median(seconds.float32), reduced: median(seconds.reduced) },
  ratio: median(seconds.float32) / median(seconds.reduced),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
