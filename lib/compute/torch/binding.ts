// What the addon exports, in the order of `src/addon.h`. Plain data crosses; absent is `null`. Nothing is checked behind
// this line: `index.ts` does that.

import type { TilePlan } from '#core/inference/tile-plan.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { BatchPlan } from '#core/training/batch-plan.ts';
import type { TrainingSetup } from '#core/training/loss-options.ts';
import type { LossScale } from '#core/training/loss-scale.ts';
import type { Precision } from '#core/training/precision.ts';
import type { GatheredBatch, StepResult, TrainingCase, ValidationResult } from '../engine.ts';

declare const kind: unique symbol;

/** Something native. `…Close` frees it; after that no call may name it. */
export interface Handle<Kind extends 'engine' | 'network' | 'training'> {
  readonly [kind]: Kind;
}

/** All parameters of a network one after another, in the graph's order, each in C order. */
export type FlatParameters = Float32Array;

export interface OpenedEngine {
  readonly handle: Handle<'engine'>;
  /** libtorch's version. */
  readonly version: string;
  /** As libtorch names it: `AVX512`, `AVX2`, `DEFAULT`. */
  readonly instructionSet: string;
  /** What else of the processor decides how a precision is convolved, as libtorch names it: `avx512_bf16`, `amx_fp16`. */
  readonly extensions: Readonly<Record<Exclude<Precision, 'float32'>, readonly string[]>>;
}

export interface FlatGradients {
  readonly loss: number;
  readonly values: FlatParameters;
  /** Whether each parameter has a gradient. */
  readonly used: readonly boolean[];
}

export interface FlatOptimizerState {
  /** SGD: one moment of every parameter. AdamW: all first moments, then all second moments. */
  readonly moments: Float32Array;
  /** Updates so far. */
  readonly steps: number;
  /** Of scale 1 without loss scaling. */
  readonly lossScale: LossScale;
}

export interface Binding {
  /** Ends the process at once with this status while a native thread lives; else does nothing. */
  leave(status: number): void;

  engineOpen(threads: number): OpenedEngine;
  engineClose(engine: Handle<'engine'>): Promise<void>;

  networkCompile(engine: Handle<'engine'>, graph: NetworkGraph): Promise<Handle<'network'>>;
  networkClose(network: Handle<'network'>): Promise<void>;
  networkSetParameters(network: Handle<'network'>, parameters: FlatParameters): Promise<void>;
  networkParameters(network: Handle<'network'>): Promise<FlatParameters>;
  networkForward(network: Handle<'network'>, input: Tensor): Promise<Tensor[]>;
  networkPredict(network: Handle<'network'>, image: Tensor, tiles: TilePlan): Promise<Tensor>;

  trainingOpen(
    network: Handle<'network'>,
    setup: TrainingSetup,
    cases: readonly TrainingCase[],
    dtype: Precision,
  ): Promise<Handle<'training'>>;
  trainingClose(training: Handle<'training'>): Promise<void>;
  trainingStep(training: Handle<'training'>, batch: BatchPlan, learningRate: number): Promise<StepResult>;
  trainingValidate(training: Handle<'training'>, batch: BatchPlan): Promise<ValidationResult>;
  trainingGather(training: Handle<'training'>, batch: BatchPlan): Promise<GatheredBatch>;
  trainingStepOn(training: Handle<'training'>, batch: GatheredBatch, learningRate: number): Promise<StepResult>;
  trainingGradients(training: Handle<'training'>, batch: GatheredBatch): Promise<FlatGradients>;
  trainingOptimizerState(training: Handle<'training'>): Promise<FlatOptimizerState>;
  trainingSetOptimizerState(training: Handle<'training'>, state: FlatOptimizerState): Promise<void>;
}
