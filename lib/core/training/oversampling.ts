import { roundHalfEven } from '#core/geometry/rounding.ts';

/**
 * Whether sample `j` of a batch must be centred on foreground: the last `share` of the batch is.
 *
 * With share 0.33, a batch of 2 forces its second sample, a batch of 9 its last three, a batch of 1 none.
 *
 * @param j index in the batch, from 0.
 * @param share of the batch that is forced, in [0, 1]; nnU-Net: 0.33.
 * @see nnU-Net v2, nnUNetDataLoader._oversample_last_XX_percent
 */
export const isForcedForeground = (j: number, batchSize: number, share: number): boolean =>
  j >= roundHalfEven(batchSize * (1 - share));
