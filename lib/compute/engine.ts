// The port to whatever multiplies matrices. Coarse on purpose: a step, a prediction, weights in and out; no operator
// crosses it. Randomness never starts here: engines carry out a BatchPlan. Adapters: `torch/`, `tfjs/`; both pass
// `test/support/engine-conformance.ts`.

import type { TilePlan } from '#core/inference/tile-plan.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { BatchPlan } from '#core/training/batch-plan.ts';
import type { TrainingSetup } from '#core/training/loss-options.ts';
import type { Precision } from '#core/training/precision.ts';

/** What fixes the last bit of a result. Stored with the step and in each checkpoint; a resume needs the same. */
export interface Numerics {
  readonly engine: 'torch' | 'tfjs';
  /** Version of the library that computes, for example `libtorch 2.11.0`. */
  readonly version: string;
  readonly device: 'cpu' | 'cuda';
  /** Of training; `forward` and `predict` are float32. */
  readonly dtype: Precision;
  /** Instruction set or device model, for example `AVX512`. */
  readonly instructionSet: string;
  /** Threads per operation. */
  readonly threads: number;
}

/** Which engine, and what it may use. */
export interface EngineRequest {
  readonly engine: 'torch' | 'tfjs';
  readonly device: 'cpu' | 'cuda';
  /** What a training computes in. */
  readonly dtype: Precision;
  /** Threads per operation, at least 1. */
  readonly threads: number;
}

export interface Engine extends AsyncDisposable {
  readonly numerics: Numerics;
  /** Makes a network with all parameters 0. Several may exist at once. */
  compile(graph: NetworkGraph): Promise<Network>;
}

/** A network with its weights. Calls on one network run one after another, off the event loop. */
export interface Network extends AsyncDisposable {
  readonly graph: NetworkGraph;
  /** Every parameter of the graph, by name and shape. @throws {RangeError} naming a missing, extra or misshapen one. */
  setWeights(weights: Tensors): Promise<void>;
  weights(): Promise<Tensors>;
  /** Logits of every output, highest resolution first, (N, heads, ...). @param input (N, C, ...spatial) */
  forward(input: Tensor): Promise<Tensor[]>;
  /** Opens the cases and starts with an empty optimiser state. One training per network at a time. */
  train(setup: TrainingSetup, cases: readonly TrainingCase[]): Promise<Training>;
  /**
   * Sliding-window logits of one image, (heads, ...spatial) float32.
   *
   * For each tile: mean of the logits over the unflipped tile and every non-empty subset of `mirrorAxes`; times the
   * tile's weight; added up; divided by the summed weights. A 2D network runs over every slice of axis 0.
   */
  predict(image: Tensor, tiles: TilePlan): Promise<Tensor>;
}

/**
 * One preprocessed case on this machine's disk: raw little-endian arrays in C order, so that an engine can map them and
 * read patches only.
 */
export interface TrainingCase {
  readonly caseId: string;
  /** Spatial extent, network order; always 3 axes. */
  readonly shape: readonly [number, number, number];
  /** Of the image; the labels of a previous stage are not counted. */
  readonly channels: number;
  /** float32 (C, ...shape). */
  readonly imagePath: string;
  /** int16 (...shape). */
  readonly labelPath: string;
  /** int16 (...shape), labels of the stage before a cascade, -1 outside; `null` without a cascade. */
  readonly previousStagePath: string | null;
}

export interface Training extends AsyncDisposable {
  /**
   * Gather, augment, forward, loss, backward, clip, update.
   * A step whose loss or gradient is not finite changes nothing but the loss scale and says so.
   */
  step(batch: BatchPlan, learningRate: number): Promise<StepResult>;
  /** Gather, forward, loss; changes nothing. Counts at the highest resolution, over the whole batch. */
  validate(batch: BatchPlan): Promise<ValidationResult>;
  /** The batch as the network would see it: for tests and pictures. Targets are one per output, highest first. */
  gather(batch: BatchPlan): Promise<GatheredBatch>;
  /** As `step`, on explicit arrays, for tests and benchmarks; with gradients before clipping when asked. */
  stepOn(batch: GatheredBatch, learningRate: number): Promise<StepResult>;
  /** Loss and gradient of every parameter that has one, before clipping; changes nothing. */
  gradients(batch: GatheredBatch): Promise<{ readonly loss: number; readonly gradients: Tensors }>;
  /**
   * SGD: `momentum.<parameter>`; AdamW: `exp_avg.<parameter>`, `exp_avg_sq.<parameter>`, `step` (shape []). With loss
   * scaling also `loss_scale` and `growth_tracker` (shape []).
   */
  optimizerState(): Promise<Tensors>;
  setOptimizerState(state: Tensors): Promise<void>;
}

export interface StepResult {
  readonly loss: number;
  /** L2 norm of all gradients before clipping. */
  readonly gradientNorm: number;
  /** The loss or a gradient was not finite: no weight was changed. */
  readonly skipped: boolean;
  /** By which the loss was multiplied for the backward pass; 1 without loss scaling. */
  readonly lossScale: number;
}

export interface ValidationResult {
  readonly loss: number;
  /** Voxels per head, summed over the batch. */
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly falseNegatives: readonly number[];
}

export interface GatheredBatch {
  /** (N, C, ...patch); the last channels are the labels of a previous stage, one-hot. */
  readonly image: Tensor;
  /** Per output, (N, ...extent): labels, as the setup's `TargetLabels` read them. */
  readonly targets: readonly { readonly shape: readonly number[]; readonly data: Int16Array }[];
}
