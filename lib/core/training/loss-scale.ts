// Loss scaling for float16, whose smallest normal number is 6e-5: gradients are kept above it by a factor on the loss,
// which is halved when one overflows and doubled when none has for long. PyTorch's GradScaler.

import type { Tensor, Tensors } from '../network/tensor.ts';
import type { Precision } from './precision.ts';

/** @see PyTorch, torch.amp.GradScaler */
export interface LossScaling {
  readonly initialScale: number;
  readonly growthFactor: number;
  readonly backoffFactor: number;
  /** Good steps in a row after which the scale grows. */
  readonly growthInterval: number;
}

/** Numbers of float32, as PyTorch keeps them. */
export interface LossScale {
  readonly scale: number;
  /** Good steps since the scale was last changed. */
  readonly growthTracker: number;
}

/** PyTorch's defaults, which nnU-Net trains with. */
const GRAD_SCALER: LossScaling = { initialScale: 65536, growthFactor: 2, backoffFactor: 0.5, growthInterval: 2000 };

/** bfloat16 has float32's range and needs none. */
export const lossScalingOf = (precision: Precision): LossScaling | null =>
  precision === 'float16' ? GRAD_SCALER : null;

export const initialLossScale = ({ initialScale }: LossScaling): LossScale => ({
  scale: Math.fround(initialScale),
  growthTracker: 0,
});

/**
 * The scale of the step after one that was skipped, or was not.
 *
 * It does not grow past float32. Nothing keeps it from falling below 1; see `isDivergence`.
 *
 * @see PyTorch, aten/src/ATen/native/cuda/AmpKernels.cu, amp_update_scale_cuda_kernel
 */
export function lossScaleAfter(
  { growthFactor, backoffFactor, growthInterval }: LossScaling,
  { scale, growthTracker }: LossScale,
  skipped: boolean,
): LossScale {
  if (skipped) return { scale: Math.fround(scale * backoffFactor), growthTracker: 0 };
  if (growthTracker + 1 < growthInterval) return { scale, growthTracker: growthTracker + 1 };
  const grown = Math.fround(scale * growthFactor);
  return { scale: Number.isFinite(grown) ? grown : scale, growthTracker: 0 };
}

/** As part of an optimiser's state: `loss_scale` and `growth_tracker`, shape []. */
export const lossScaleTensors = ({ scale, growthTracker }: LossScale): Map<string, Tensor> =>
  new Map([
    ['loss_scale', { shape: [], data: Float32Array.of(scale) }],
    ['growth_tracker', { shape: [], data: Float32Array.of(growthTracker) }],
  ]);

/** The inverse; a state without them is that of a loss that is not scaled. */
export const lossScaleOf = (state: Tensors): LossScale => ({
  scale: state.get('loss_scale')?.data[0] ?? 1,
  growthTracker: state.get('growth_tracker')?.data[0] ?? 0,
});

/** A step, as far as it says whether a training diverges. */
export interface ScaledStep {
  readonly loss: number;
  readonly skipped: boolean;
  /** 1 without loss scaling. */
  readonly lossScale: number;
}

/**
 * Whether a skipped step tells of the training and not only of its scale.
 *
 * The scale does not take part in the loss, so a loss that is not finite always does. Gradients that overflow under a scale
 * above 1 may be well without it: the next step tries half. At 1 or less they were no larger than they are. From 65536 that
 * is reached in 16 steps.
 */
export const isDivergence = ({ loss, skipped, lossScale }: ScaledStep): boolean =>
  skipped && (!Number.isFinite(loss) || lossScale <= 1);
