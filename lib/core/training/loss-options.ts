import type { LossScaling } from './loss-scale.ts';

/** What the labels of a target mean to the heads. */
export interface TargetLabels {
  /**
   * The labels of each head's region, one sigmoid per head; 0 and other labels are in none. `null`: head i is label i, a
   * softmax over all.
   */
  readonly regions: readonly (readonly number[])[] | null;
  /** Voxels of this label count neither in the loss nor in the counts. `null`: every voxel counts. */
  readonly ignore: number | null;
}

/** Dice + cross-entropy as nnU-Net builds it from the plans. With a softmax, background is left out of the Dice. */
export interface LossOptions {
  readonly labels: TargetLabels;
  /** Sum intersections and sizes over the batch before the ratio. */
  readonly batchDice: boolean;
  /** Weight of each output, highest resolution first, summing to 1. An output of weight 0 is not evaluated. */
  readonly deepSupervisionWeights: readonly number[];
}

/** Parameters without a gradient (heads of weight 0) are left alone, by weight decay too. */
export type OptimizerOptions =
  /** PyTorch's SGD: g += decay * w; v = momentum * v + g (first step v = g); w -= rate * (g + momentum * v). */
  | { readonly kind: 'sgd'; readonly momentum: number; readonly weightDecay: number }
  /** PyTorch's AdamW: w -= rate * decay * w, then Adam with bias correction. */
  | {
      readonly kind: 'adamw';
      readonly beta1: number;
      readonly beta2: number;
      readonly epsilon: number;
      readonly weightDecay: number;
    };

export interface TrainingSetup {
  readonly loss: LossOptions;
  readonly optimizer: OptimizerOptions;
  /** Global L2 norm to which gradients are scaled down; nnU-Net: 12. */
  readonly gradientClip: number;
  /** Of the backward pass; `null`: none. */
  readonly lossScaling: LossScaling | null;
  /**
   * Of a cascade: the foreground labels that the previous stage may have predicted, each a channel of the network's input
   * behind those of the image. Empty without a cascade.
   */
  readonly previousStageLabels: readonly number[];
}
