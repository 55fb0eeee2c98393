import type { TaskSpec } from '#api/v1alpha1/kinds.ts';

/** How many workers run at once: what the Task says, else as many as the cores carry. */
export const workerCount = (
  { threads, parallel }: Pick<TaskSpec['workers'], 'threads' | 'parallel'>,
  cores: number,
): number => parallel ?? Math.max(1, Math.floor(cores / threads));
