import { describe, expect, test } from 'vitest';
import { anEpochMessage } from '#test/an-epoch.ts';
import type { Curve } from '../display/epoch-board.ts';
import { curveLines } from './curve-lines.ts';

const epoch = (number: number, trainLoss: number, validationLoss: number | null, dice: number) =>
  anEpochMessage({ epoch: number, epochs: 10, trainLoss, validationLoss, meanPseudoDice: dice });

const aCurve = (fold: number): Curve => ({
  key: `train/2d/${fold}`,
  step: 'digest',
  epochs: [epoch(0, 1, null, 0), epoch(1, 0.5, 0.75, 0.5), epoch(2, 0, 0.25, 1)],
});

describe('curveLines', () => {
  test('has a line a fold with its last values, both losses on one scale', () => {
    expect(curveLines([aCurve(0)], 120, 10)).toEqual([
      'FOLD       EPOCH  TRAIN LOSS  VALIDATION LOSS  PSEUDO DICE',
      '2d fold 0  3/10   █▅▁ 0.000    ▆▃ 0.250        ▁▅█ 1.000',
    ]);
  });

  test('counts folds for which there is no room', () => {
    const lines = curveLines([aCurve(0), aCurve(1), aCurve(2), aCurve(3)], 120, 4);
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toBe('and 2 more');
  });

  test('is empty before the first epoch, and where there is no room at all', () => {
    expect(curveLines([], 120, 10)).toEqual([]);
    expect(curveLines([aCurve(0)], 120, 1)).toEqual([]);
  });

  test('is no wider than the terminal', () => {
    for (const line of curveLines([aCurve(0)], 30, 10)) expect(line.length).toBeLessThanOrEqual(30);
  });
});
