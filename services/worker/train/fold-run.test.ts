import { describe, expect, test } from 'vitest';
import type { StepResult } from '#compute/engine.ts';
import type { EpochMetrics } from '#steps/epoch-metrics.ts';
import {
  afterEpoch,
  afterStep,
  afterValidation,
  continuedFoldRun,
  endedWithBest,
  type FoldRun,
  type FoldSchedule,
  MOST_SKIPPED_IN_A_ROW,
  newFoldRun,
  nextUnit,
  unitsDone,
  unitsTotal,
} from './fold-run.ts';
import { TrainingDivergedError } from './training-diverged-error.ts';

const schedule: FoldSchedule = {
  epochs: 2,
  iterationsPerEpoch: 2,
  validationIterationsPerEpoch: 1,
  initialLearningRate: 0.01,
};
const step = (loss: number) => ({ loss, gradientNorm: 1, skipped: false, lossScale: 1 });
const skipped = { loss: Number.NaN, gradientNorm: Number.NaN, skipped: true, lossScale: 1 };
const validation = {
  loss: 0.5,
  truePositives: [3, 0],
  falsePositives: [1, 0],
  falseNegatives: [1, 0],
};

describe('a fold run', () => {
  test('goes through training, validation and closing of each epoch', () => {
    const kinds: string[] = [];
    let run = newFoldRun(2);
    for (let unit = nextUnit(run, schedule); unit.kind !== 'finished'; unit = nextUnit(run, schedule)) {
      if (unit.kind === 'step') run = afterStep(run, step(1));
      else if (unit.kind === 'validate') run = afterValidation(run, validation);
      else run = afterEpoch(run, schedule);
      kinds.push(`${unit.kind}${'iteration' in unit ? ` ${unit.epoch}.${unit.iteration}` : ''}`);
    }
    expect(kinds).toEqual([
      'step 0.0',
      'step 0.1',
      'validate 0.0',
      'close-epoch',
      'step 1.0',
      'step 1.1',
      'validate 1.0',
      'close-epoch',
    ]);
    expect(unitsDone(run, schedule)).toBe(unitsTotal(schedule));
    expect(unitsTotal(schedule)).toBe(2 * (2 * 3 + 1));
  });

  test('an epoch ends with the mean losses and the Dice of the pooled counts', () => {
    const run = anEpoch([step(1), step(2)]);
    expect(run.metrics).toEqual([
      {
        epoch: 0,
        epochs: 2,
        trainLoss: 1.5,
        validationLoss: 0.5,
        pseudoDice: [0.75, null],
        meanPseudoDice: 0.75,
        movingAverageDice: 0.75,
        learningRate: 0.01,
        skippedSteps: 0,
      },
    ]);
    expect(run).toMatchObject({ epoch: 1, training: { iterations: 0, lossSum: 0 }, validation: { iterations: 0 } });
  });

  test('the learning rate decays from epoch to epoch', () => {
    const unit = nextUnit(anEpoch([step(1), step(2)]), schedule);
    expect(unit).toEqual({ kind: 'step', epoch: 1, iteration: 0, learningRate: 0.01 * 0.5 ** 0.9 });
  });

  test('skipped steps are counted and stay out of the mean loss', () => {
    expect(anEpoch([skipped, step(2)]).metrics[0]).toMatchObject({ trainLoss: 2, skippedSteps: 1 });
  });

  test('an epoch without a good step has no loss, and one with an infinite validation loss has none either', () => {
    const run = afterValidation(afterStep(afterStep(newFoldRun(2), skipped), skipped), {
      ...validation,
      loss: Number.POSITIVE_INFINITY,
    });
    expect(afterEpoch(run, schedule).metrics[0]).toMatchObject({ trainLoss: null, validationLoss: null });
  });

  test('the moving average follows the mean Dice and passes over an epoch without one', () => {
    const empty = { ...validation, truePositives: [0, 0], falsePositives: [0, 0], falseNegatives: [0, 0] };
    const first = anEpoch([step(1)]);
    const second = afterEpoch(afterValidation(first, empty), schedule);
    expect(second.metrics[1]).toMatchObject({ meanPseudoDice: null, movingAverageDice: 0.75 });
    const third = afterEpoch(
      afterValidation({ ...second, epoch: 1 }, { ...validation, truePositives: [0, 0] }),
      schedule,
    );
    expect(third.metrics[2]?.movingAverageDice).toBeCloseTo(0.9 * 0.75, 12);
  });

  test('twenty skipped steps in a row end the training, across epochs too', () => {
    let run: FoldRun = { ...newFoldRun(2), skippedInARow: MOST_SKIPPED_IN_A_ROW - 2 };
    run = afterStep(run, skipped);
    expect(() => afterStep(run, skipped)).toThrow(TrainingDivergedError);
    expect(() => afterStep(run, skipped)).toThrow('20 steps in a row up to epoch 0, iteration 1');
  });

  test('a good step forgives the skipped ones before it', () => {
    const run = afterStep({ ...newFoldRun(2), skippedInARow: MOST_SKIPPED_IN_A_ROW - 1 }, step(1));
    expect(run.skippedInARow).toBe(0);
  });

  test('an overflow above the smallest loss scale is skipped, but is no step towards divergence and forgives none', () => {
    const overflow = { loss: 1, gradientNorm: Number.POSITIVE_INFINITY, skipped: true, lossScale: 65536 };
    const run = afterStep({ ...newFoldRun(2), skippedInARow: MOST_SKIPPED_IN_A_ROW - 1 }, overflow);
    expect(run).toMatchObject({ skippedInARow: MOST_SKIPPED_IN_A_ROW - 1, training: { iterations: 1, skipped: 1 } });
    expect(() => afterStep(run, { ...overflow, lossScale: 1 })).toThrow(TrainingDivergedError);
  });

  test('survives JSON unchanged, whatever was measured', () => {
    const run = afterValidation(afterStep(anEpoch([step(0.1 + 0.2), skipped]), skipped), {
      ...validation,
      loss: Number.NaN,
    });
    expect(JSON.parse(JSON.stringify(run))).toEqual(run);
  });
});

describe('the best epoch', () => {
  const averages = (...values: (number | null)[]) => ({
    metrics: values.map((movingAverageDice) => ({
      ...anEpoch([step(1)]).metrics[0],
      movingAverageDice,
    })) as EpochMetrics[],
  });

  test.each([
    { of: [], want: false },
    { of: [null], want: true },
    { of: [0], want: true },
    { of: [null, 0], want: true },
    { of: [null, null], want: false },
    { of: [0.5, 0.6], want: true },
    { of: [0.5, 0.5], want: false },
    { of: [0.7, 0.5, 0.6], want: false },
  ])('is the last of the averages $of: $want', ({ of, want }) => {
    expect(endedWithBest(averages(...of))).toBe(want);
  });
});

test('a fold that goes on is at the epoch after those of the earlier schedule, at the rate of the new one', () => {
  const { metrics } = anEpoch([step(1)]);
  const run = continuedFoldRun(2, metrics);
  expect(run).toMatchObject({ epoch: 1, metrics, training: { iterations: 0 } });
  const unit = nextUnit(run, { ...schedule, epochs: 4 });
  expect(unit).toEqual({ kind: 'step', epoch: 1, iteration: 0, learningRate: 0.01 * 0.75 ** 0.9 });
});

function anEpoch(steps: readonly StepResult[]): FoldRun {
  return afterEpoch(afterValidation(steps.reduce(afterStep, newFoldRun(2)), validation), schedule);
}
