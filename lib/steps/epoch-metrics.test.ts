import { describe, expect, test } from 'vitest';
import { type EpochMetrics, formatMetrics, parseMetrics } from './epoch-metrics.ts';

const epoch: EpochMetrics = {
  epoch: 0,
  epochs: 2,
  trainLoss: 1.5,
  validationLoss: null,
  pseudoDice: [0.5, null],
  meanPseudoDice: 0.5,
  movingAverageDice: 0.5,
  learningRate: 0.01,
  skippedSteps: 0,
};

describe('formatMetrics', () => {
  test('writes one JSON object a line', () => {
    const lines = formatMetrics([epoch, { ...epoch, epoch: 1 }]).split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[2]).toBe('');
    expect(JSON.parse(lines[1] ?? '')).toEqual({ ...epoch, epoch: 1 });
  });

  test('is read back as it was', () => {
    const metrics = [epoch, { ...epoch, epoch: 1 }];
    expect(parseMetrics(formatMetrics(metrics))).toEqual(metrics);
  });

  test('gives the same bytes whatever the order of the keys', () => {
    const { skippedSteps, ...rest } = epoch;
    expect(formatMetrics([{ skippedSteps, ...rest }])).toBe(formatMetrics([epoch]));
  });
});
