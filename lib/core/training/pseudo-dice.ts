/** Voxels per foreground label or region, summed over any number of validation batches. */
export interface VoxelCounts {
  readonly truePositives: readonly number[];
  readonly falsePositives: readonly number[];
  readonly falseNegatives: readonly number[];
}

/** Dice over the pooled validation patches of one epoch. */
export interface PseudoDice {
  /** Per foreground label or region; `null` for one that was neither there nor predicted. */
  readonly perClass: readonly (number | null)[];
  /** Mean over the classes that have a Dice; `null` if none has. */
  readonly mean: number | null;
}

/** Counts per head as counts per target: head 0 is background unless there are regions. */
export function targetCounts(perHead: VoxelCounts, hasRegions: boolean): VoxelCounts {
  if (hasRegions) return perHead;
  const { truePositives, falsePositives, falseNegatives } = perHead;
  return {
    truePositives: truePositives.slice(1),
    falsePositives: falsePositives.slice(1),
    falseNegatives: falseNegatives.slice(1),
  };
}

/** Sums the counts of two sets of batches. */
export function addCounts(a: VoxelCounts, b: VoxelCounts): VoxelCounts {
  const added = (x: readonly number[], y: readonly number[]) => x.map((count, i) => count + (y[i] ?? 0));
  return {
    truePositives: added(a.truePositives, b.truePositives),
    falsePositives: added(a.falsePositives, b.falsePositives),
    falseNegatives: added(a.falseNegatives, b.falseNegatives),
  };
}

/**
 * Dice per foreground label or region from voxel counts: `2 tp / (2 tp + fp + fn)`.
 *
 * It pools all patches of an epoch, so it is no mean over cases: use it to watch a training, never to report.
 *
 * @see nnU-Net v2, nnUNetTrainer.on_validation_epoch_end
 */
export function pseudoDice(counts: VoxelCounts): PseudoDice {
  const perClass = counts.truePositives.map((truePositives, head) => {
    const size = 2 * truePositives + (counts.falsePositives[head] ?? 0) + (counts.falseNegatives[head] ?? 0);
    return size === 0 ? null : (2 * truePositives) / size;
  });
  const scored = perClass.filter((dice) => dice !== null);
  return { perClass, mean: scored.length === 0 ? null : scored.reduce((a, b) => a + b, 0) / scored.length };
}

/**
 * Moving average of the mean pseudo Dice: the first value, then 0.9 of the old and 0.1 of the new.
 *
 * An epoch without a value leaves it as it is. In nnU-Net such an epoch spoils the average for good.
 *
 * @param previous `null` before the first epoch.
 * @param mean of this epoch; `null` where no class was present.
 */
export function movingAverage(previous: number | null, mean: number | null): number | null {
  if (mean === null) return previous;
  return previous === null ? mean : 0.9 * previous + 0.1 * mean;
}
