import type { GatheredBatch, Training } from '#compute/engine.ts';
import type { OptimizerOptions, TargetLabels, TrainingSetup } from '#core/training/loss-options.ts';
import type { LossScaling } from '#core/training/loss-scale.ts';

/** nnU-Net's optimiser. */
export const sgd: OptimizerOptions = { kind: 'sgd', momentum: 0.99, weightDecay: 3e-5 };
export const adamw: OptimizerOptions = { kind: 'adamw', beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.05 };

/** Every head a label, every voxel counted. */
export const classes: TargetLabels = { regions: null, ignore: null };

/** A setup as nnU-Net has it, with what a test varies. */
export const setup = (
  deepSupervisionWeights: readonly number[],
  {
    batchDice = false,
    labels = classes,
    optimizer = sgd,
    gradientClip = 12,
    lossScaling = null,
    previousStageLabels = [],
  }: Variation = {},
): TrainingSetup => ({
  loss: { labels, batchDice, deepSupervisionWeights },
  optimizer,
  gradientClip,
  lossScaling,
  previousStageLabels,
});

interface Variation {
  readonly batchDice?: boolean;
  readonly labels?: TargetLabels;
  readonly optimizer?: OptimizerOptions;
  readonly gradientClip?: number;
  readonly lossScaling?: LossScaling | null;
  readonly previousStageLabels?: readonly number[];
}

/** Does `count` steps on one batch, one after another. */
export async function stepTimes(training: Training, count: number, batch: GatheredBatch, rate = 0.01): Promise<void> {
  for (let step = 0; step < count; step++) await training.stepOn(batch, rate);
}
