// Golden values: nnU-Net v2.8.1, see shared/golden/training/README.md for the call behind each file, and
// shared/golden/README.md for the fold of model_small.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { deepSupervisionShapes, deepSupervisionWeights } from '#core/training/deep-supervision.ts';
import { isForcedForeground } from '#core/training/oversampling.ts';
import { polyLearningRate } from '#core/training/poly-learning-rate.ts';
import { addCounts, movingAverage, pseudoDice, type VoxelCounts } from '#core/training/pseudo-dice.ts';
import { assertClose } from '#test/assert-close.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

const readGolden = (name: string) => JSON.parse(readFileSync(sharedPath(`golden/training/${name}.json`), 'utf8'));

describeWithShared('the training rules are nnU-Net’s', 'golden/training', () => {
  it('the learning rate of 1000 epochs', () => {
    const golden: { lr_per_epoch: number[] } = readGolden('polylr_1000');
    expect(golden.lr_per_epoch).toHaveLength(1000);
    // Both are float64 powers; 1e-12 allows for the last bits of `pow`.
    golden.lr_per_epoch.forEach((want, epoch) => {
      expect(Math.abs(polyLearningRate(epoch, 1000, 0.01) - want)).toBeLessThan(1e-12 * want);
    });
  });

  it('the learning rate of other lengths and initial rates', () => {
    const golden: { initial_lr: number; max_steps: number; epoch_lr: [number, number][] }[] =
      readGolden('polylr_other');
    for (const { initial_lr, max_steps, epoch_lr } of golden) {
      for (const [epoch, want] of epoch_lr) {
        expect(polyLearningRate(epoch, max_steps, initial_lr)).toBeCloseTo(want, 12);
      }
    }
  });

  it.each([2, 3, 4, 5, 6, 7])('the deep supervision weights of %i outputs', (outputs) => {
    const want: number[] = readGolden('deep_supervision_weights').single_process[outputs];
    const weights = deepSupervisionWeights(outputs);
    expect(weights).toHaveLength(want.length);
    weights.forEach((weight, k) => void expect(weight).toBeCloseTo(want[k] ?? Number.NaN, 12));
  });

  it('the extents of the deep supervision targets', () => {
    const golden: { strides: number[][]; target_sizes: Record<string, number[][]> }[] =
      readGolden('deep_supervision_scales');
    expect(golden.length).toBeGreaterThan(0);
    for (const { strides, target_sizes } of golden) {
      for (const [patch, want] of Object.entries(target_sizes)) {
        expect(deepSupervisionShapes(patch.split(',').map(Number), strides)).toEqual(want);
      }
    }
  });

  it('which samples must hold foreground', () => {
    const golden = readGolden('oversampling');
    const tables: { percent: number; batch_size: number; forced: boolean[] }[] = [
      ...golden.deterministic_other_percent,
      ...Object.entries<boolean[]>(golden['deterministic_0.33']).map(([size, forced]) => ({
        percent: 0.33,
        batch_size: Number(size),
        forced,
      })),
    ];
    for (const { percent, batch_size, forced } of tables) {
      expect(forced.map((_, j) => isForcedForeground(j, batch_size, percent))).toEqual(forced);
    }
    for (const [size, want] of Object.entries<number>(golden['deterministic_count_0.33'])) {
      const batch = Array.from({ length: Number(size) }, (_, j) => isForcedForeground(j, Number(size), 0.33));
      expect(batch.filter(Boolean)).toHaveLength(want);
    }
  });

  it('the pseudo Dice of an epoch', () => {
    interface GoldenEpoch {
      readonly batches: readonly {
        readonly tp_hard: number[];
        readonly fp_hard: number[];
        readonly fn_hard: number[];
      }[];
      readonly dice_per_class_or_region: readonly (number | 'nan')[];
      readonly mean_fg_dice: number | 'nan';
    }
    const golden: GoldenEpoch[] = readGolden('pseudo_dice');
    const orNull = (value: number | 'nan') => (value === 'nan' ? null : value);
    for (const { batches, dice_per_class_or_region, mean_fg_dice } of golden) {
      // The golden counts leave background out.
      const counts = batches.map(
        ({ tp_hard, fp_hard, fn_hard }): VoxelCounts => ({
          truePositives: tp_hard,
          falsePositives: fp_hard,
          falseNegatives: fn_hard,
        }),
      );
      const { perClass, mean } = pseudoDice(counts.reduce(addCounts));
      // nnU-Net divides in float32: 1e-6.
      expectClose([...perClass, mean], [...dice_per_class_or_region, mean_fg_dice].map(orNull), 1e-6);
    }
  });

  it('the moving average of the pseudo Dice', () => {
    const golden: { name: string; mean_fg_dice: (number | 'nan')[]; ema_fg_dice: (number | 'nan')[] }[] =
      readGolden('ema_pseudo_dice');
    // Where nnU-Net's average has become NaN for good, ours goes on: those epochs are not compared.
    for (const { mean_fg_dice, ema_fg_dice } of golden) {
      let average: number | null = null;
      mean_fg_dice.forEach((mean, epoch) => {
        average = movingAverage(average, mean === 'nan' ? null : mean);
        const want = ema_fg_dice[epoch];
        if (typeof want === 'number') expectClose([average], [want], 1e-12);
      });
    }
  });
});

const FOLD = 'golden/model_small/nnUNetTrainer__nnUNetPlansSmall__3d_small/fold_0';

describeWithShared('the epochs of a fold that nnU-Net trained', FOLD, () => {
  const golden: {
    readonly logging: Readonly<Record<'lrs' | 'mean_fg_dice' | 'ema_fg_dice', readonly number[]>>;
    readonly _best_ema: number;
  } = JSON.parse(readFileSync(sharedPath(`${FOLD}/checkpoint_contents.json`), 'utf8'));
  const { lrs, mean_fg_dice: means, ema_fg_dice: averages } = golden.logging;

  it('had our learning rates', () => {
    // As above.
    assertClose(
      lrs.map((_, epoch) => polyLearningRate(epoch, lrs.length, 0.01)),
      lrs,
      { rtol: 1e-12 },
    );
  });

  it('had our moving averages of the pseudo Dice, and our best of them', () => {
    let average: number | null = null;
    const ours = means.map((mean) => {
      average = movingAverage(average, mean);
      return average ?? Number.NaN;
    });
    // nnU-Net logs float32.
    assertClose(ours, averages, { atol: 1e-7 });
    assertClose([Math.max(...ours)], [golden._best_ema], { atol: 1e-7 });
  });
});

function expectClose(actual: readonly (number | null)[], want: readonly (number | null)[], atol: number): void {
  expect(actual).toHaveLength(want.length);
  actual.forEach((value, i) => {
    const wanted = want[i] ?? null;
    if (value === null || wanted === null) expect(value).toBe(wanted);
    else expect(Math.abs(value - wanted), `entry ${i}: ${value} and ${wanted}`).toBeLessThanOrEqual(atol);
  });
}
