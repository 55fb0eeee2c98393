// The fast engine: C++ on libtorch. This file checks what comes in, names what goes out, and knows when a handle is
// freed; everything else is in `src`.

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
import type { Binding, Handle, OpenedEngine } from './binding.ts';
import { flattenOptimizerState, flattenParameters, namedOptimizerState, namedParameters } from './flat-tensors.ts';
import { loadBinding } from './load-binding.ts';
import { OwnedHandle } from './owned-handle.ts';

/** Rows of a kernel's per-channel arguments have a fixed room. */
const mostChannels = 1024;

/**
 * Opens the engine: one native thread of its own, `request.threads` threads per operation.
 *
 * @throws {EngineUnavailableError} if the addon does not load here or the device is not there.
 * @throws {RangeError} if `threads` is not a whole number of at least 1.
 */
export async function openTorch(request: EngineRequest): Promise<Engine> {
  if (!Number.isInteger(request.threads) || request.threads < 1)
    throw new RangeError(`expected a whole number of at least 1 for threads, got ${request.threads}`);
  if (request.device === 'cuda')
    throw new EngineUnavailableError('torch', 'it computes on CPUs only so far', 'ask for device cpu');
  const binding = loadBinding();
  return new TorchEngine(binding, binding.engineOpen(request.threads), request.threads);
}

class TorchEngine implements Engine {
  readonly numerics: Numerics;
  readonly #binding: Binding;
  readonly #handle: OwnedHandle<Handle<'engine'>>;

  constructor(binding: Binding, { handle, version, instructionSet }: OpenedEngine, threads: number) {
    this.#binding = binding;
    this.#handle = new OwnedHandle('engine', handle, (engine) => binding.engineClose(engine));
    this.numerics = {
      engine: 'torch',
      version: `libtorch ${version}`,
      device: 'cpu',
      dtype: 'float32',
      instructionSet,
      threads,
    };
  }

  async compile(graph: NetworkGraph): Promise<Network> {
    const widest = Math.max(...graph.nodes.map(({ channels }) => channels));
    if (widest > mostChannels)
      throw new RangeError(`expected at most ${mostChannels} channels per node, got ${widest}`);
    return new TorchNetwork(this.#binding, await this.#handle.use(this.#binding.networkCompile, graph), graph);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle[Symbol.asyncDispose]();
  }
}

class TorchNetwork implements Network {
  readonly graph: NetworkGraph;
  readonly #binding: Binding;
  readonly #handle: OwnedHandle<Handle<'network'>>;

  constructor(binding: Binding, handle: Handle<'network'>, graph: NetworkGraph) {
    this.#binding = binding;
    this.#handle = new OwnedHandle('network', handle, (network) => binding.networkClose(network));
    this.graph = graph;
  }

  async setWeights(weights: Tensors): Promise<void> {
    await this.#handle.use(this.#binding.networkSetParameters, flattenParameters(this.graph.parameters, weights));
  }

  async weights(): Promise<Tensors> {
    return namedParameters(this.graph.parameters, await this.#handle.use(this.#binding.networkParameters));
  }

  async forward(input: Tensor): Promise<Tensor[]> {
    checkInput(this.graph, input);
    return await this.#handle.use(this.#binding.networkForward, input);
  }

  async predict(image: Tensor, tiles: TilePlan): Promise<Tensor> {
    checkTiles(this.graph, image, tiles);
    return await this.#handle.use(this.#binding.networkPredict, image, tiles);
  }

  async train(setup: TrainingSetup, cases: readonly TrainingCase[]): Promise<Training> {
    checkSetup(this.graph, setup, cases);
    const training = await this.#handle.use(this.#binding.trainingOpen, setup, cases);
    return new TorchTraining(this.#binding, training, this.graph, setup, cases.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle[Symbol.asyncDispose]();
  }
}

class TorchTraining implements Training {
  readonly #binding: Binding;
  readonly #handle: OwnedHandle<Handle<'training'>>;
  readonly #graph: NetworkGraph;
  readonly #setup: TrainingSetup;
  readonly #cases: number;

  constructor(binding: Binding, handle: Handle<'training'>, graph: NetworkGraph, setup: TrainingSetup, cases: number) {
    this.#binding = binding;
    this.#handle = new OwnedHandle('training', handle, (training) => binding.trainingClose(training));
    this.#graph = graph;
    this.#setup = setup;
    this.#cases = cases;
  }

  async step(batch: BatchPlan, learningRate: number): Promise<StepResult> {
    checkPlan(this.#graph, this.#setup, batch, this.#cases);
    return await this.#handle.use(this.#binding.trainingStep, batch, learningRate);
  }

  async validate(batch: BatchPlan): Promise<ValidationResult> {
    checkPlan(this.#graph, this.#setup, batch, this.#cases);
    return await this.#handle.use(this.#binding.trainingValidate, batch);
  }

  async gather(batch: BatchPlan): Promise<GatheredBatch> {
    checkPlan(this.#graph, this.#setup, batch, this.#cases);
    return await this.#handle.use(this.#binding.trainingGather, batch);
  }

  async stepOn(batch: GatheredBatch, learningRate: number): Promise<StepResult> {
    checkBatch(this.#graph, this.#setup.loss.labels, batch);
    return await this.#handle.use(this.#binding.trainingStepOn, batch, learningRate);
  }

  async gradients(batch: GatheredBatch): Promise<{ readonly loss: number; readonly gradients: Tensors }> {
    checkBatch(this.#graph, this.#setup.loss.labels, batch);
    const { loss, values, used } = await this.#handle.use(this.#binding.trainingGradients, batch);
    const gradients = namedParameters(this.#graph.parameters, values);
    for (const [i, { name }] of this.#graph.parameters.entries()) if (!used[i]) gradients.delete(name);
    return { loss, gradients };
  }

  async optimizerState(): Promise<Tensors> {
    const state = await this.#handle.use(this.#binding.trainingOptimizerState);
    return namedOptimizerState(this.#setup.optimizer, this.#graph.parameters, state);
  }

  async setOptimizerState(state: Tensors): Promise<void> {
    const flat = flattenOptimizerState(this.#setup.optimizer, this.#graph.parameters, state);
    await this.#handle.use(this.#binding.trainingSetOptimizerState, flat);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle[Symbol.asyncDispose]();
  }
}
