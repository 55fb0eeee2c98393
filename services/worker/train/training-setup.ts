import { labelsOf } from '#core/dataset/label-or-region.ts';
import type { LabelScheme } from '#core/dataset/labels.ts';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import { deepSupervisionWeights } from '#core/training/deep-supervision.ts';
import type { OptimizerOptions, TrainingSetup } from '#core/training/loss-options.ts';
import { lossScalingOf } from '#core/training/loss-scale.ts';
import type { Precision } from '#core/training/precision.ts';
import type { TrainOptions } from '#steps/options.ts';

// nnU-Net's values for both optimisers: nnUNetTrainer.configure_optimizers, whose decay the trainer variants keep, and
// train_step for the clipping. They are part of the method, not of the Task.
const WEIGHT_DECAY = 3e-5;
const GRADIENT_CLIP = 12;

const OPTIMIZERS: Readonly<Record<TrainOptions['optimizer'], OptimizerOptions>> = {
  sgd: { kind: 'sgd', momentum: 0.99, weightDecay: WEIGHT_DECAY },
  adamw: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: WEIGHT_DECAY },
};

/** What of a configuration decides its training. */
export interface TrainedConfiguration {
  readonly batchDice: ConfigurationPlan['batchDice'];
  readonly architecture: Pick<ConfigurationPlan['architecture'], 'featuresPerStage'>;
  readonly previousStage: ConfigurationPlan['previousStage'];
}

/** Loss, optimiser, clipping and loss scaling of a fold. */
export function trainingSetup(
  { batchDice, architecture, previousStage }: TrainedConfiguration,
  { optimizer, dtype }: Pick<TrainOptions, 'optimizer'> & { readonly dtype: Precision },
  { targets, foreground, classOrder, ignore }: Pick<LabelScheme, 'targets' | 'foreground' | 'classOrder' | 'ignore'>,
): TrainingSetup {
  // One output per decoder level.
  const outputs = architecture.featuresPerStage.length - 1;
  return {
    loss: {
      labels: { regions: classOrder && targets.map(labelsOf), ignore },
      batchDice,
      deepSupervisionWeights: deepSupervisionWeights(outputs),
    },
    optimizer: OPTIMIZERS[optimizer],
    gradientClip: GRADIENT_CLIP,
    lossScaling: lossScalingOf(dtype),
    previousStageLabels: previousStage === null ? [] : foreground,
  };
}
