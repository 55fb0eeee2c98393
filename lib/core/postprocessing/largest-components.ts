import { type LabelOrRegion, labelsOf } from '#core/dataset/label-or-region.ts';
import { ForegroundRuns } from './foreground-runs.ts';

/**
 * A label map in which a label or region keeps its largest connected component only; its other voxels become 0.
 *
 * Voxels are connected by faces, edges and corners: 26 neighbours, or 8 in a single slice. All components that tie for
 * the largest stay. For a region its labels are one mask, and keep their values. Other labels are left alone.
 *
 * @param labels (z, y, x) in C order; not changed.
 * @param shape three extents.
 * @throws {RangeError} if `labels` does not fill `shape`.
 * @see nnU-Net v2, postprocessing/remove_connected_components.py, remove_all_but_largest_component_from_segmentation
 */
export function keepLargestComponents(
  labels: Uint8Array,
  shape: readonly [number, number, number],
  target: LabelOrRegion,
): Uint8Array<ArrayBuffer> {
  const [depth, height, width] = shape;
  if (labels.length !== depth * height * width)
    throw new RangeError(`shape ${shape.join(' x ')} has ${depth * height * width} voxels, got ${labels.length}`);
  const runs = new ForegroundRuns(labels, shape, new Set(labelsOf(target)));
  const kept = Uint8Array.from(labels);
  for (const run of runs.outsideLargest()) kept.fill(0, run.start, run.end);
  return kept;
}
