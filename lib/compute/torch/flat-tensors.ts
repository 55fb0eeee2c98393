// Parameters lie one after another in native memory; by name and shape outside.

import { product } from '#core/geometry/axes.ts';
import type { Parameter } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { OptimizerOptions, TrainingSetup } from '#core/training/loss-options.ts';
import { lossScaleOf, lossScaleTensors } from '#core/training/loss-scale.ts';
import { expectTensors } from '../expect-tensors.ts';
import type { FlatOptimizerState, FlatParameters } from './binding.ts';

/** @throws {RangeError} naming a missing, extra or misshapen one. */
export function flattenParameters(parameters: readonly Parameter[], weights: Tensors): FlatParameters {
  expectTensors('weights', parameters, weights);
  return joined(parameters.map(({ name }) => weights.get(name)));
}

/** The parameters by name; views of `flat`, not copies. */
export function namedParameters(parameters: readonly Parameter[], flat: FlatParameters): Map<string, Tensor> {
  const named = new Map<string, Tensor>();
  let start = 0;
  for (const { name, shape } of parameters) {
    const end = start + product(shape);
    named.set(name, { shape, data: flat.subarray(start, end) });
    start = end;
  }
  return named;
}

/** What decides which state a training has. */
type StatefulSetup = Pick<TrainingSetup, 'optimizer' | 'lossScaling'>;

/** @throws {RangeError} naming what is missing, too much or of another optimiser. */
export function flattenOptimizerState(
  { optimizer: { kind }, lossScaling }: StatefulSetup,
  parameters: readonly Parameter[],
  state: Tensors,
): FlatOptimizerState {
  const step = kind === 'adamw' ? [{ name: 'step', shape: [] }] : [];
  const scaling = lossScaling === null ? [] : [...lossScaleTensors(lossScaleOf(state))];
  const scale = scaling.map(([name, { shape }]) => ({ name, shape }));
  const moments = momentNames(kind).map((moment) =>
    parameters.map(({ name, shape }) => ({ name: `${moment}.${name}`, shape })),
  );
  expectTensors('optimiser state', [...moments.flat(), ...step, ...scale], state);
  return {
    moments: joined(moments.flat().map(({ name }) => state.get(name))),
    steps: state.get('step')?.data[0] ?? 0,
    lossScale: lossScaleOf(state),
  };
}

/** Moments by name, those of one parameter together; then, for AdamW, `step`; then, of a loss that is scaled, its scale. */
export function namedOptimizerState(
  { optimizer: { kind }, lossScaling }: StatefulSetup,
  parameters: readonly Parameter[],
  { moments, steps, lossScale }: FlatOptimizerState,
): Tensors {
  const names = momentNames(kind);
  const count = moments.length / names.length;
  const byMoment = names.map((_, i) => namedParameters(parameters, moments.subarray(i * count, (i + 1) * count)));
  const state = new Map<string, Tensor>();
  for (const { name } of parameters)
    for (const [i, moment] of names.entries()) {
      const tensor = byMoment[i]?.get(name);
      if (tensor) state.set(`${moment}.${name}`, tensor);
    }
  if (kind === 'adamw') state.set('step', { shape: [], data: Float32Array.of(steps) });
  if (lossScaling !== null) for (const [name, tensor] of lossScaleTensors(lossScale)) state.set(name, tensor);
  return state;
}

const momentNames = (kind: OptimizerOptions['kind']): string[] =>
  kind === 'sgd' ? ['momentum'] : ['exp_avg', 'exp_avg_sq'];

function joined(tensors: readonly (Tensor | undefined)[]): Float32Array {
  const whole = new Float32Array(tensors.reduce((count, tensor) => count + (tensor?.data.length ?? 0), 0));
  let start = 0;
  for (const tensor of tensors) {
    if (!tensor) continue;
    whole.set(tensor.data, start);
    start += tensor.data.length;
  }
  return whole;
}
