// The fast engine: C++ on libtorch. This file checks what comes in, names what goes out, and knows when a handle is
// freed; everything else is in `src`.

import type { TilePlan } from '#core/inference/tile-plan.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { BatchPlan } from '#core/training/batch-plan.ts';
import type { TrainingSetup } from '#core/training/loss-options.ts';
import type { Precision } from '#core/training/precision.ts';
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
 * float16 is computed on every CPU, slowly: see `openTrainingEngine`.
 *
 * @throws {EngineUnavailableError} if the addon does not load here, the device is not there, or libtorch has no fast
 * convolution of bfloat16 on it.
 * @throws {RangeError} if `threads` is not a whole number of at least 1.
 */
export async function openTorch(request: EngineRequest): Promise<Engine> {
  if (!Number.isInteger(request.threads) || request.threads < 1)
    throw new RangeError(`expected a whole number of at least 1 for threads, got ${request.threads}`);
  if (request.device === 'cuda')
    throw new EngineUnavailableError('torch', 'it computes on CPUs only so far', 'ask for device cpu');
  const { dtype, threads } = request;
  const binding = loadBinding();
  const opened = binding.engineOpen(threads);
  const engine = new TorchEngine(binding, opened, { dtype, threads });
  if (dtype !== 'bfloat16' || opened.instructionSet === 'AVX512') return engine;
  await engine[Symbol.asyncDispose]();
  const reason = `libtorch has no fast bfloat16 convolution on a CPU with ${opened.instructionSet} and not AVX512`;
  throw new EngineUnavailableError('torch', reason, 'ask for precision float32');
}

interface TorchOptions {
  readonly dtype: Precision;
  readonly threads: number;
}

class TorchEngine implements Engine {
  readonly numerics: Numerics;
  readonly #binding: Binding;
  readonly #handle: OwnedHandle<Handle<'engine'>>;

  readonly #dtype: Precision;

  constructor(binding: Binding, opened: OpenedEngine, { dtype, threads }: TorchOptions) {
    const { handle, version, instructionSet, extensions } = opened;
    this.#binding = binding;
    this.#dtype = dtype;
    this.#handle = new OwnedHandle('engine', handle, (engine) => binding.engineClose(engine));
    this.numerics = {
      engine: 'torch',
      version: `libtorch ${version}`,
      device: 'cpu',
      dtype,
      instructionSet: [instructionSet, ...(dtype === 'float32' ? [] : extensions[dtype])].join(' '),
      threads,
    };
  }

  async compile(graph: NetworkGraph): Promise<Network> {
    const widest = Math.max(...graph.nodes.map(({ channels }) => channels));
    if (widest > mostChannels)
      throw new RangeError(`expected at most ${mostChannels} channels per node, got ${widest}`);
    const network = await this.#handle.use(this.#binding.networkCompile, graph);
    return new TorchNetwork(this.#binding, network, graph, this.#dtype);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle[Symbol.asyncDispose]();
  }
}

class TorchNetwork implements Network {
  readonly graph: NetworkGraph;
  readonly #binding: Binding;
  readonly #handle: OwnedHandle<Handle<'network'>>;
  readonly #dtype: Precision;

  constructor(binding: Binding, handle: Handle<'network'>, graph: NetworkGraph, dtype: Precision) {
    this.#binding = binding;
    this.#dtype = dtype;
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
    const training = await this.#handle.use(this.#binding.trainingOpen, setup, cases, this.#dtype);
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
    return namedOptimizerState(this.#setup, this.#graph.parameters, state);
  }

  async setOptimizerState(state: Tensors): Promise<void> {
    const flat = flattenOptimizerState(this.#setup, this.#graph.parameters, state);
    await this.#handle.use(this.#binding.trainingSetOptimizerState, flat);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle[Symbol.asyncDispose]();
  }
}
