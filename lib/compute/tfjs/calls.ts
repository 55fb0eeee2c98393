import type { TilePlan } from '#core/inference/tile-plan.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { BatchPlan } from '#core/training/batch-plan.ts';
import type { TrainingSetup } from '#core/training/loss-options.ts';
import type { GatheredBatch, Numerics, StepResult, TrainingCase, ValidationResult } from '../engine.ts';

/** What the worker thread does when asked. Networks and trainings are named by numbers that it gave out. */
export interface Calls {
  start(device: Numerics['device']): Promise<Numerics>;
  compile(graph: NetworkGraph): number;
  setWeights(network: number, weights: Tensors): void;
  weights(network: number): Tensors;
  forward(network: number, input: Tensor): Tensor[];
  predict(network: number, image: Tensor, tiles: TilePlan): Tensor;
  closeNetwork(network: number): void;
  train(network: number, setup: TrainingSetup, cases: readonly TrainingCase[]): number;
  step(training: number, batch: BatchPlan, learningRate: number): StepResult;
  stepOn(training: number, batch: GatheredBatch, learningRate: number): StepResult;
  validate(training: number, batch: BatchPlan): ValidationResult;
  gather(training: number, batch: BatchPlan): GatheredBatch;
  gradients(training: number, batch: GatheredBatch): { readonly loss: number; readonly gradients: Tensors };
  optimizerState(training: number): Tensors;
  setOptimizerState(training: number, state: Tensors): void;
  closeTraining(training: number): void;
}

export type CallName = keyof Calls;

/** To the worker. Calls are answered in the order they are made. */
export interface CallMessage {
  readonly id: number;
  readonly name: CallName;
  readonly parameters: readonly unknown[];
}

/** From the worker. Errors cross as they are: structured cloning keeps the standard classes and their causes. */
export type AnswerMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: unknown };
