import type { Network } from '#compute/engine.ts';
import { padToTile } from '#core/inference/padding.ts';
import { tilePlan } from '#core/inference/sliding-window.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import type { PreprocessedCase } from '#core/preprocessing/preprocessed-case.ts';

/** How the sliding window moves. */
export interface SlidingWindow {
  /** Tile step as a fraction of the tile, in (0, 1]; nnU-Net predicts with 0.5. */
  readonly stepFraction: number;
  /** Average over the mirror images along every axis of the network, or along those listed. */
  readonly mirroring: boolean | readonly number[];
}

/**
 * Sliding-window logits of one preprocessed case, (heads, ...net) float32 on the case's own grid.
 *
 * An image smaller than a tile is padded with 0 and the logits are cut back. A 2D configuration predicts every slice.
 *
 * @param network compiled for `configuration`, with its weights.
 * @see nnU-Net v2, inference/predict_from_raw_data.py, predict_sliding_window_return_logits
 */
export async function predictLogits(
  network: Network,
  preprocessed: Pick<PreprocessedCase, 'image'>,
  configuration: Pick<ConfigurationPlan, 'patchSize'>,
  { stepFraction, mirroring }: SlidingWindow,
): Promise<Tensor> {
  const tileSize = configuration.patchSize;
  const { tensor, unpad } = padToTile(preprocessed.image, tileSize);
  const tiledShape = tensor.shape.slice(-tileSize.length);
  const mirrorAxes =
    typeof mirroring === 'boolean' ? tileSize.flatMap((_, axis) => (mirroring ? axis : [])) : mirroring;
  return unpad(await network.predict(tensor, tilePlan(tiledShape, tileSize, stepFraction, mirrorAxes)));
}
