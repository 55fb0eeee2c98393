// The readable engine on TensorFlow.js: the reference that `torch` is compared with, and what computes where no C++
// compiler is.

import type { TilePlan } from '#core/inference/tile-plan.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { BatchPlan } from '#core/training/batch-plan.ts';
import type { TrainingSetup } from '#core/training/loss-options.ts';
import { checkBatch, checkInput, checkPlan, checkSetup, checkTiles } from '../check-arguments.ts';
import type {
  Engine,
  EngineRequest,
  GatheredBatch,
  Network,
  Numerics,
  StepResult,
  Training,
  TrainingCase,
  ValidationResult,
} from '../engine.ts';
import { EngineUnavailableError } from '../engine-unavailable-error.ts';
import { CallingWorker } from './calling-worker.ts';

/**
 * Opens the engine in a worker thread of its own.
 *
 * `request.threads` cannot be met: tfjs computes each operation on one thread, and `numerics` says so.
 *
 * @throws {EngineUnavailableError} if its device is not there, or for another dtype than float32.
 */
export async function openTfjs(request: EngineRequest): Promise<Engine> {
  if (request.dtype !== 'float32') {
    const remedy = 'ask for precision float32, or engine torch for bfloat16';
    throw new EngineUnavailableError('tfjs', `it does not train in ${request.dtype}`, remedy);
  }
  const worker = new CallingWorker();
  try {
    return new TfjsEngine(worker, await worker.call('start', request.device));
  } catch (cause) {
    await worker[Symbol.asyncDispose]();
    const reason = cause instanceof Error ? cause.message : String(cause);
    // biome-ignore lint/style/useErrorCause: the cause is there, as the fourth argument
    throw new EngineUnavailableError('tfjs', reason, 'ask for device cpu or engine torch', { cause });
  }
}

class TfjsEngine implements Engine {
  readonly numerics: Numerics;
  readonly #worker: CallingWorker;

  constructor(worker: CallingWorker, numerics: Numerics) {
    this.#worker = worker;
    this.numerics = numerics;
  }

  async compile(graph: NetworkGraph): Promise<Network> {
    return new TfjsNetwork(this.#worker, await this.#worker.call('compile', graph), graph);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker[Symbol.asyncDispose]();
  }
}

class TfjsNetwork implements Network {
  readonly graph: NetworkGraph;
  readonly #worker: CallingWorker;
  readonly #id: number;

  constructor(worker: CallingWorker, id: number, graph: NetworkGraph) {
    this.#worker = worker;
    this.#id = id;
    this.graph = graph;
  }

  async setWeights(weights: Tensors): Promise<void> {
    await this.#worker.call('setWeights', this.#id, weights);
  }

  weights(): Promise<Tensors> {
    return this.#worker.call('weights', this.#id);
  }

  async forward(input: Tensor): Promise<Tensor[]> {
    checkInput(this.graph, input);
    return await this.#worker.call('forward', this.#id, input);
  }

  async predict(image: Tensor, tiles: TilePlan): Promise<Tensor> {
    checkTiles(this.graph, image, tiles);
    return await this.#worker.call('predict', this.#id, image, tiles);
  }

  async train(setup: TrainingSetup, cases: readonly TrainingCase[]): Promise<Training> {
    checkSetup(this.graph, setup, cases);
    const training = await this.#worker.call('train', this.#id, setup, cases);
    return new TfjsTraining(this.#worker, training, this.graph, setup, cases.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.call('closeNetwork', this.#id);
  }
}

class TfjsTraining implements Training {
  readonly #worker: CallingWorker;
  readonly #id: number;
  readonly #graph: NetworkGraph;
  readonly #setup: TrainingSetup;
  readonly #cases: number;

  constructor(worker: CallingWorker, id: number, graph: NetworkGraph, setup: TrainingSetup, cases: number) {
    this.#worker = worker;
    this.#id = id;
    this.#graph = graph;
    this.#setup = setup;
    this.#cases = cases;
  }

  async step(batch: BatchPlan, learningRate: number): Promise<StepResult> {
    checkPlan(this.#graph, this.#setup, batch, this.#cases);
    return await this.#worker.call('step', this.#id, batch, learningRate);
  }

  async validate(batch: BatchPlan): Promise<ValidationResult> {
    checkPlan(this.#graph, this.#setup, batch, this.#cases);
    return await this.#worker.call('validate', this.#id, batch);
  }

  async gather(batch: BatchPlan): Promise<GatheredBatch> {
    checkPlan(this.#graph, this.#setup, batch, this.#cases);
    return await this.#worker.call('gather', this.#id, batch);
  }

  async stepOn(batch: GatheredBatch, learningRate: number): Promise<StepResult> {
    checkBatch(this.#graph, this.#setup.loss.labels, batch);
    return await this.#worker.call('stepOn', this.#id, batch, learningRate);
  }

  async gradients(batch: GatheredBatch): Promise<{ readonly loss: number; readonly gradients: Tensors }> {
    checkBatch(this.#graph, this.#setup.loss.labels, batch);
    return await this.#worker.call('gradients', this.#id, batch);
  }

  optimizerState(): Promise<Tensors> {
    return this.#worker.call('optimizerState', this.#id);
  }

  async setOptimizerState(state: Tensors): Promise<void> {
    await this.#worker.call('setOptimizerState', this.#id, state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.call('closeTraining', this.#id);
  }
}
