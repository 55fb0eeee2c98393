// The training that the benches time.

import { buildNetwork } from '#core/network/build-network.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import { initializeParameters } from '#core/network/initialize-parameters.ts';
import { outputExtents } from '#core/network/output-extents.ts';
import { deepSupervisionWeights } from '#core/training/deep-supervision.ts';
import type { Engine, GatheredBatch } from '../engine.ts';

/** Of the Hippocampus data set's 3d_fullres, with a smaller batch. */
export const PATCH = [40, 56, 40];
export const BATCH = 2;
export const HEADS = 3;

/** A plain 3D U-Net that halves every axis from stage to stage. */
export const benchNetwork = (features: readonly number[]): NetworkGraph =>
  buildNetwork(
    {
      kind: 'PlainConvUNet',
      dimensions: 3,
      featuresPerStage: features,
      kernelSizes: features.map(() => [3, 3, 3]),
      strides: features.map((_, stage) => PATCH.map(() => (stage === 0 ? 1 : 2))),
      encoderBlocksPerStage: features.map(() => 2),
      decoderConvolutionsPerStage: features.slice(1).map(() => 2),
      convolutionBias: true,
      normEpsilon: 1e-5,
    },
    1,
    HEADS,
  );

export interface Workload extends AsyncDisposable {
  /** Of each of so many steps. */
  secondsOfSteps(count: number): Promise<number[]>;
}

export async function openWorkload(engine: Engine, graph: NetworkGraph): Promise<Workload> {
  const network = await engine.compile(graph);
  await network.setWeights(initializeParameters(graph, 0));
  const training = await network.train(
    {
      loss: {
        labels: { regions: null, ignore: null },
        batchDice: false,
        deepSupervisionWeights: deepSupervisionWeights(graph.outputs.length),
      },
      optimizer: { kind: 'sgd', momentum: 0.99, weightDecay: 3e-5 },
      gradientClip: 12,
      lossScaling: null,
      previousStageLabels: [],
    },
    [],
  );
  const batch = someBatch(graph);
  return {
    async secondsOfSteps(count) {
      const seconds: number[] = [];
      for (let step = 0; step < count; step++) {
        const start = performance.now();
        await training.stepOn(batch, 0.01);
        seconds.push((performance.now() - start) / 1000);
      }
      return seconds;
    },
    async [Symbol.asyncDispose]() {
      await training[Symbol.asyncDispose]();
      await network[Symbol.asyncDispose]();
    },
  };
}

/** Any image will do: the time of a step does not depend on its values. */
function someBatch(graph: NetworkGraph): GatheredBatch {
  const count = BATCH * PATCH.reduce((a, b) => a * b, 1);
  const targets = outputExtents(graph, PATCH).map((extent) => {
    const shape = [BATCH, ...extent];
    return { shape, data: Int16Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => (i >> 3) % HEADS) };
  });
  return { image: { shape: [BATCH, 1, ...PATCH], data: new Float32Array(count).map((_, i) => Math.sin(i)) }, targets };
}

export const median = (seconds: readonly number[]): number =>
  seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? Number.NaN;
