// What a training tells of its epochs on the bus while it runs, and how listeners make sense of it: messages may come
// late, from attempts that were killed, or from the same fold under another spec.

import * as z from 'zod';
import { epochMetrics } from './epoch-metrics.ts';

/** One epoch, as the attempt that came to its end announced it. */
export const epochMessage = epochMetrics.extend({
  /** Digest: the same fold under another spec is another step. */
  step: z.string(),
  attempt: z.int(),
  /** Wall clock; of a resumed epoch, since it was resumed. */
  seconds: z.number(),
});

export type EpochMessage = Readonly<z.infer<typeof epochMessage>>;

/**
 * Of each epoch what the highest attempt said, in the order of the epochs; of one attempt the last to come.
 *
 * Attempts 1, 1, 1 at epochs 0, 1, 2 and attempt 2 at epoch 1, where it was resumed, give 1, 2, 1: what attempt 1 said of
 * epoch 2 stands until attempt 2 gets there, and will be found to be the same.
 *
 * @param messages of one step, in any order.
 */
export function newestOfEachEpoch(messages: readonly EpochMessage[]): EpochMessage[] {
  const newest = new Map<number, EpochMessage>();
  for (const message of messages) {
    const before = newest.get(message.epoch);
    if (before === undefined || message.attempt >= before.attempt) newest.set(message.epoch, message);
  }
  return [...newest.values()].sort((a, b) => a.epoch - b.epoch);
}

/** Where the training is now: the last epoch of its highest attempt. */
export function latestEpoch(messages: readonly EpochMessage[]): EpochMessage | undefined {
  const newest = newestOfEachEpoch(messages);
  const highest = Math.max(...newest.map(({ attempt }) => attempt));
  return newest.findLast(({ attempt }) => attempt === highest);
}
