import { describe, expect, it } from 'vitest';
import type { Tensors } from '#core/network/tensor.ts';
import type { OptimizerOptions } from './loss-options.ts';
import { clipGradients, gradientNorm, initialOptimizerState, optimizerStep } from './optimizer.ts';

const scalar = (name: string, value: number): Tensors =>
  new Map([[name, { shape: [1], data: Float32Array.of(value) }]]);
const parameter = { name: 'w', shape: [1], initialization: { kind: 'constant', value: 0 } } as const;
const sgd: OptimizerOptions = { kind: 'sgd', momentum: 0.5, weightDecay: 0.1 };
const adamw: OptimizerOptions = { kind: 'adamw', beta1: 0.5, beta2: 0.75, epsilon: 0, weightDecay: 0.1 };

function afterSteps(options: OptimizerOptions, gradients: readonly number[]): number[] {
  let now = { weights: scalar('w', 1), state: initialOptimizerState(options, [parameter]) };
  return gradients.map((gradient) => {
    now = optimizerStep(options, now, scalar('w', gradient), 0.1);
    return now.weights.get('w')?.data[0] ?? Number.NaN;
  });
}

describe('optimizerStep', () => {
  it('takes Nesterov steps under SGD', () => {
    // g = 1 + 0.1, v = 1.1, w = 1 - 0.1 (1.1 + 0.55) = 0.835; g = 0.0835, v = 0.6335, w -= 0.1 (0.0835 + 0.31675).
    const [first, second] = afterSteps(sgd, [1, 0]);
    expect(first).toBeCloseTo(0.835, 6);
    expect(second).toBeCloseTo(0.835 - 0.040025, 6);
  });

  it('corrects the bias of the averages under AdamW', () => {
    // First step: mean 1, root 1, so w = 0.99 - 0.1. Then m = 0.25 / 0.75, v = 0.1875 / 0.4375.
    const [first, second] = afterSteps(adamw, [1, 0]);
    expect(first).toBeCloseTo(0.89, 6);
    expect(second).toBeCloseTo(0.89 * 0.99 - (0.1 * (1 / 3)) / Math.sqrt(3 / 7), 6);
  });

  it('leaves what it is given, and what has no gradient, as they are', () => {
    const before = { weights: scalar('w', 1), state: initialOptimizerState(sgd, [parameter]) };
    optimizerStep(sgd, before, scalar('w', 1), 0.1);
    expect(before.weights).toEqual(scalar('w', 1));
    expect(optimizerStep(sgd, before, new Map(), 0.1)).toEqual(before);
  });

  it('refuses a gradient of an unknown parameter by name', () => {
    const before = { weights: scalar('w', 1), state: initialOptimizerState(sgd, [parameter]) };
    expect(() => optimizerStep(sgd, before, scalar('other', 1), 0.1)).toThrow('tensor other');
  });
});

describe('clipGradients', () => {
  const gradients: Tensors = new Map([...scalar('a', 3), ...scalar('b', 4)]);

  it('takes one norm over all gradients', () => {
    expect(gradientNorm(gradients)).toBe(5);
  });

  it('scales down to the limit, and only down', () => {
    expect(gradientNorm(clipGradients(gradients, 5, 1))).toBeCloseTo(1, 5);
    expect(clipGradients(gradients, 5, 12)).toBe(gradients);
  });
});
