const EXPONENT = 0.9;

/**
 * Learning rate during one epoch: `initial * (1 - epoch / epochs) ^ 0.9`, constant inside the epoch.
 *
 * Of 1000 epochs from 0.01: 0.01 in epoch 0, 0.0053589 in epoch 500, 1.99526e-5 in the last, 999.
 *
 * @param epoch from 0, below `epochs`.
 * @throws {RangeError} if `epoch` is outside [0, epochs).
 * @see nnU-Net v2, training/lr_scheduler/polylr.py
 */
export function polyLearningRate(epoch: number, epochs: number, initial: number): number {
  if (!(epoch >= 0 && epoch < epochs)) throw new RangeError(`epoch must be in [0, ${epochs}), got ${epoch}`);
  return initial * (1 - epoch / epochs) ** EXPONENT;
}
