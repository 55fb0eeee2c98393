// Names that several programs must agree on: the keys of steps in the graph of a Task, and the subjects under which
// workers publish metrics.

import type { FoldName } from '#core/training/folds.ts';

/** Key of the step that preprocesses all cases for a configuration: `preprocess/2d`. */
export const preprocessKey = (configuration: string): string => `preprocess/${configuration}`;

/** Key of the step that trains a fold: `train/2d/0`. */
export const trainingKey = (configuration: string, fold: FoldName): string => `train/${configuration}/${fold}`;

/** Key of the training of a fold by an earlier schedule, which another goes on from: `train/2d/0/until/100`. */
export const earlierTrainingKey = (configuration: string, fold: FoldName, epochs: number): string =>
  `${trainingKey(configuration, fold)}/until/${epochs}`;

/** Whose metrics a message on the bus holds. No text in it contains a dot, which separates the parts of a subject. */
export interface MetricsSource {
  readonly taskUid: string;
  readonly configuration: string;
  readonly fold: FoldName;
}

const METRICS = 'metrics';

/** Subject under which the training of a fold publishes its epochs. */
export const metricsSubject = ({ taskUid, configuration, fold }: MetricsSource): string =>
  `${METRICS}.${taskUid}.${configuration}.${fold}`;

/** Pattern of the subjects of all trainings of a Task. */
export const metricsSubjectsOf = (taskUid: string): string => `${METRICS}.${taskUid}.>`;

const METRICS_SUBJECT = /^metrics\.(?<taskUid>[^.]+)\.(?<configuration>[^.]+)\.(?<fold>\d+|all)$/;

/** Reverses `metricsSubject`; `null` for any other subject. */
export function parseMetricsSubject(subject: string): MetricsSource | null {
  const { taskUid, configuration, fold } = METRICS_SUBJECT.exec(subject)?.groups ?? {};
  if (taskUid === undefined || configuration === undefined || fold === undefined) return null;
  return { taskUid, configuration, fold: fold === 'all' ? fold : Number(fold) };
}
