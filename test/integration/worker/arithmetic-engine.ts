// An engine without a network: each step changes the weights by numbers that follow from the batch, the learning rate and
// the optimiser state, as a real one does. Enough to see whether a resumed fold is the same fold.

import { stat } from 'node:fs/promises';
import type {
  Engine,
  Network,
  Numerics,
  StepResult,
  Training,
  TrainingCase,
  ValidationResult,
} from '#compute/engine.ts';
import { product } from '#core/geometry/axes.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { BatchPlan } from '#core/training/batch-plan.ts';
import { digestOf } from '#formats/digest.ts';

export interface ArithmeticEngineOptions {
  readonly numerics?: Partial<Numerics>;
  /** Called before every unit of work: `step`, `validate` or `predict`. */
  readonly onCall?: (call: string) => void;
  /** Steps whose loss is not finite, by their number since the engine was opened. */
  readonly skips?: (step: number) => boolean;
}

export function arithmeticEngine(options: ArithmeticEngineOptions = {}): Engine {
  return {
    numerics: {
      engine: 'torch',
      version: 'arithmetic 1',
      device: 'cpu',
      dtype: 'float32',
      instructionSet: 'none',
      threads: 1,
      ...options.numerics,
    },
    compile: async (graph) => new ArithmeticNetwork(graph, options),
    async [Symbol.asyncDispose]() {},
  };
}

class ArithmeticNetwork implements Network {
  readonly graph: NetworkGraph;
  readonly #options: ArithmeticEngineOptions;
  #weights: Tensors = new Map();

  constructor(graph: NetworkGraph, options: ArithmeticEngineOptions) {
    this.graph = graph;
    this.#options = options;
  }

  async setWeights(weights: Tensors): Promise<void> {
    this.#weights = copy(weights);
  }

  async weights(): Promise<Tensors> {
    return copy(this.#weights);
  }

  async forward(): Promise<Tensor[]> {
    throw new Error('not part of a fold');
  }

  async train(_: unknown, cases: readonly TrainingCase[]): Promise<Training> {
    for (const { imagePath, labelPath, previousStagePath, shape, channels } of cases) {
      const maps = previousStagePath === null ? [labelPath] : [labelPath, previousStagePath];
      const sizes = await Promise.all([imagePath, ...maps].map(async (path) => (await stat(path)).size));
      const expected = [4 * channels * product(shape), ...maps.map(() => 2 * product(shape))];
      if (sizes.join() !== expected.join()) {
        throw new RangeError(`a case of ${shape.join(' x ')} has files of ${sizes.join(' and ')} bytes`);
      }
    }
    return new ArithmeticTraining(this.#weights, this.graph.heads, cases.length, this.#options);
  }

  /** Class n where the image is nearest to n times its scale: a fair guess for a bright structure. */
  async predict(image: Tensor): Promise<Tensor> {
    this.#options.onCall?.('predict');
    const [channels, ...spatial] = image.shape;
    if (channels !== this.graph.inputChannels)
      throw new RangeError(`expected ${this.graph.inputChannels} channels, got ${channels}`);
    const { heads } = this.graph;
    const voxels = product(spatial);
    const data = Float32Array.from({ length: heads * voxels }, (_, i) => {
      const head = Math.floor(i / voxels);
      return -(((image.data[i % voxels] ?? 0) - 1.5 * head) ** 2);
    });
    return { shape: [heads, ...spatial], data };
  }

  async [Symbol.asyncDispose]() {}
}

class ArithmeticTraining implements Training {
  readonly #weights: Tensors;
  readonly #heads: number;
  readonly #cases: number;
  readonly #options: ArithmeticEngineOptions;
  #momentum: Tensors = new Map();
  #steps = 0;

  constructor(weights: Tensors, heads: number, cases: number, options: ArithmeticEngineOptions) {
    this.#weights = weights;
    this.#heads = heads;
    this.#cases = cases;
    this.#options = options;
  }

  async step(batch: BatchPlan, learningRate: number): Promise<StepResult> {
    this.#options.onCall?.('step');
    const gradient = this.#numberOf(batch);
    if (this.#options.skips?.(this.#steps++))
      return { loss: Number.NaN, gradientNorm: Number.NaN, skipped: true, lossScale: 1 };
    for (const [name, { shape, data }] of this.#weights) {
      const velocity = this.#momentum.get(name)?.data ?? new Float32Array(data.length);
      for (let i = 0; i < data.length; i++) {
        velocity[i] = 0.9 * (velocity[i] ?? 0) + gradient * ((i % 7) - 3);
        data[i] = (data[i] ?? 0) - learningRate * (velocity[i] ?? 0);
      }
      this.#momentum = new Map([...this.#momentum, [name, { shape, data: velocity }]]);
    }
    return { loss: 1 + gradient, gradientNorm: gradient, skipped: false, lossScale: 1 };
  }

  async validate(batch: BatchPlan): Promise<ValidationResult> {
    this.#options.onCall?.('validate');
    const number = this.#numberOf(batch);
    const counts = (scale: number) => Array.from({ length: this.#heads }, (_, i) => Math.round(number * scale) + i);
    return {
      loss: number,
      truePositives: counts(100),
      falsePositives: counts(20),
      falseNegatives: counts(10),
    };
  }

  async gather(): Promise<never> {
    throw new Error('not part of a fold');
  }

  async stepOn(): Promise<never> {
    throw new Error('not part of a fold');
  }

  async gradients(): Promise<never> {
    throw new Error('not part of a fold');
  }

  async optimizerState(): Promise<Tensors> {
    return new Map([...copy(this.#momentum)].map(([name, tensor]) => [`momentum.${name}`, tensor]));
  }

  async setOptimizerState(state: Tensors): Promise<void> {
    this.#momentum = new Map([...copy(state)].map(([name, tensor]) => [name.slice('momentum.'.length), tensor]));
  }

  async [Symbol.asyncDispose]() {}

  /** In [0, 1), another one for any other batch. */
  #numberOf(batch: BatchPlan): number {
    for (const { caseIndex } of batch.samples) {
      if (!(caseIndex < this.#cases)) throw new RangeError(`case ${caseIndex} of ${this.#cases}`);
    }
    return Number.parseInt(digestOf(batch).slice(0, 8), 16) / 2 ** 32;
  }
}

const copy = (tensors: Tensors): Tensors =>
  new Map([...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]));
