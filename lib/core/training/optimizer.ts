// PyTorch's SGD and AdamW in plain TypeScript: sums in float64, stored as float32. What engines are compared with.

import { product } from '#core/geometry/axes.ts';
import type { Parameter } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { OptimizerOptions } from './loss-options.ts';

/** Weights and optimiser state, before or after a step. */
export interface OptimizerStep {
  readonly weights: Tensors;
  /** SGD: `momentum.<parameter>`; AdamW: `exp_avg.<parameter>`, `exp_avg_sq.<parameter>` and `step` (shape []). */
  readonly state: Tensors;
}

/** The state before the first step: all 0. The first SGD step then takes the gradient as its velocity. */
export function initialOptimizerState(options: OptimizerOptions, parameters: readonly Parameter[]): Tensors {
  const state = new Map<string, Tensor>();
  for (const { name, shape } of parameters)
    for (const moment of momentsOf(options))
      state.set(`${moment}.${name}`, { shape, data: new Float32Array(product(shape)) });
  if (options.kind === 'adamw') state.set('step', { shape: [], data: Float32Array.of(0) });
  return state;
}

const momentsOf = ({ kind }: OptimizerOptions): string[] => (kind === 'sgd' ? ['momentum'] : ['exp_avg', 'exp_avg_sq']);

/** L2 norm of all gradients together. */
export function gradientNorm(gradients: Tensors): number {
  let squares = 0;
  for (const { data } of gradients.values()) for (const slope of data) squares += slope * slope;
  return Math.sqrt(squares);
}

/** All gradients scaled so that their norm is at most `limit`. @see PyTorch, clip_grad_norm_ */
export function clipGradients(gradients: Tensors, norm: number, limit: number): Tensors {
  const factor = limit / (norm + 1e-6);
  if (factor >= 1) return gradients;
  return new Map(
    [...gradients].map(([name, { shape, data }]) => [name, { shape, data: data.map((slope) => slope * factor) }]),
  );
}

/**
 * One step. What has no gradient stays as it is, weight decay included.
 *
 * @returns new tensors; the ones given are not changed.
 */
export function optimizerStep(
  options: OptimizerOptions,
  { weights, state }: OptimizerStep,
  gradients: Tensors,
  learningRate: number,
): OptimizerStep {
  const nextWeights = new Map(weights);
  const nextState = new Map(state);
  const step = (state.get('step')?.data[0] ?? 0) + 1;
  if (options.kind === 'adamw') nextState.set('step', { shape: [], data: Float32Array.of(step) });
  for (const [name, { data: gradient }] of gradients) {
    const weight = tensorNamed(weights, name);
    const keys = momentsOf(options).map((moment) => `${moment}.${name}`);
    const moments = keys.map((key) => tensorNamed(state, key).data.slice());
    const data = weight.data.slice();
    if (options.kind === 'sgd') sgd(options, data, gradient, moments, learningRate);
    else adamw(options, data, gradient, moments, learningRate, step);
    nextWeights.set(name, { shape: weight.shape, data });
    for (const [i, key] of keys.entries()) nextState.set(key, { shape: weight.shape, data: moments[i] ?? data });
  }
  return { weights: nextWeights, state: nextState };
}

function sgd(
  { momentum, weightDecay }: Extract<OptimizerOptions, { kind: 'sgd' }>,
  weight: Float32Array,
  gradient: Float32Array,
  [velocity = new Float32Array()]: Float32Array[],
  rate: number,
): void {
  for (let i = 0; i < weight.length; i++) {
    const w = weight[i] ?? 0;
    const slope = (gradient[i] ?? 0) + weightDecay * w;
    const v = momentum * (velocity[i] ?? 0) + slope;
    velocity[i] = v;
    weight[i] = w - rate * (slope + momentum * v);
  }
}

function adamw(
  { beta1, beta2, epsilon, weightDecay }: Extract<OptimizerOptions, { kind: 'adamw' }>,
  weight: Float32Array,
  gradient: Float32Array,
  [average = new Float32Array(), averageSquare = new Float32Array()]: Float32Array[],
  rate: number,
  step: number,
): void {
  for (let i = 0; i < weight.length; i++) {
    const slope = gradient[i] ?? 0;
    const m = beta1 * (average[i] ?? 0) + (1 - beta1) * slope;
    const v = beta2 * (averageSquare[i] ?? 0) + (1 - beta2) * slope * slope;
    average[i] = m;
    averageSquare[i] = v;
    const mean = m / (1 - beta1 ** step);
    const root = Math.sqrt(v / (1 - beta2 ** step));
    weight[i] = (weight[i] ?? 0) * (1 - rate * weightDecay) - (rate * mean) / (root + epsilon);
  }
}

function tensorNamed(tensors: Tensors, name: string): Tensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new RangeError(`expected a tensor ${name}, got ${tensors.size} others`);
  return tensor;
}
