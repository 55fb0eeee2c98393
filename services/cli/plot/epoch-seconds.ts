import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { FoldName } from '#core/training/folds.ts';
import type { BusMessage } from '#platform/bus/message-bus.ts';
import { epochMessage, newestOfEachEpoch } from '#steps/epoch-message.ts';
import type { EpochMetrics } from '#steps/epoch-metrics.ts';
import { metricsSubject } from '#steps/step-names.ts';

/** Where the workers of a fold told of their epochs. */
export interface EpochSource {
  /** What the bus keeps of a subject, oldest first. */
  messages(subject: string): Promise<readonly BusMessage[]>;
  /** HOME/tasks/<name>. */
  readonly taskFolder: string;
  readonly configuration: string;
  readonly fold: FoldName;
}

const taskSchema = z.object({ metadata: z.object({ uid: z.string() }) });

/**
 * How long each epoch took, in seconds by its number from 0.
 *
 * A fold's metrics hold no times, so that a repeated training ends with the same bytes; its worker told them on the bus,
 * which may have lost them. What it told of other settings is known by another loss.
 */
export async function epochSeconds(
  source: EpochSource,
  epochs: readonly EpochMetrics[],
): Promise<ReadonlyMap<number, number>> {
  const { metadata } = taskSchema.parse(JSON.parse(await readFile(join(source.taskFolder, 'task.json'), 'utf8')));
  const losses = new Map(epochs.map(({ epoch, trainLoss }) => [epoch, trainLoss]));
  const kept = await source.messages(metricsSubject({ taskUid: metadata.uid, ...source }));
  const told = kept.flatMap(({ body }) => epochMessage.safeParse(body).data ?? []);
  const ofThisTraining = told.filter(({ epoch, trainLoss }) => losses.get(epoch) === trainLoss);
  return new Map(newestOfEachEpoch(ofThisTraining).map(({ epoch, seconds }) => [epoch, seconds]));
}
