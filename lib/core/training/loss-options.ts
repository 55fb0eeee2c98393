/** Dice + cross-entropy as nnU-Net builds it from the plans. Softmax over `heads`; background left out of the Dice. */
export interface LossOptions {
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
}
