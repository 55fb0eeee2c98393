import type { DatasetDescription } from './dataset-description.ts';

/** The data set's labels without background, each once, ascending. */
export function foregroundLabels(dataset: DatasetDescription): number[] {
  const values = new Set(dataset.labels.map((label) => label.value));
  values.delete(0);
  return [...values].sort((a, b) => a - b);
}

/** Channels of a segmentation head: background and every foreground label, for a softmax over them. */
export const headCount = (dataset: DatasetDescription): number => foregroundLabels(dataset).length + 1;
