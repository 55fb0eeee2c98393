import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { Stored } from '../../kube/kube-object.ts';
import type { AttemptState } from '../step-runner.ts';
import { LABELS, STEP_ANNOTATION, TITLE_ANNOTATION } from './attempt-job.ts';
import { attemptState } from './attempt-state.ts';
import { byAge, newest } from './by-age.ts';
import { JOB_NAME } from './seen-objects.ts';

/** An attempt at a step, as its Job and pod show it to whoever may read them. */
export interface ShownAttempt {
  /** `train 3d_fullres fold 2` */
  readonly title: string;
  /** Digest of the step. */
  readonly step: string;
  readonly attempt: number;
  readonly state: AttemptState;
  /** Name of its newest pod. */
  readonly pod: string | null;
  /** When a machine took it. */
  readonly startedAt: Date | null;
}

/** Selects Jobs and pods of a Task. */
export const attemptsOf = (task: string): string => `${LABELS.task}=${task}`;

/** Every attempt whose Job is still kept, in the order in which they were made. */
export function shownAttempts(
  jobs: readonly Stored<V1Job>[],
  pods: readonly Stored<V1Pod>[],
  now: Date,
): ShownAttempt[] {
  return jobs.toSorted(byAge).map((job) => {
    const { annotations, labels, name } = job.metadata;
    const pod = newest(pods.filter(({ metadata }) => metadata.labels?.[JOB_NAME] === name));
    const started = pod?.status?.startTime;
    return {
      title: annotations?.[TITLE_ANNOTATION] ?? name,
      step: annotations?.[STEP_ANNOTATION] ?? '',
      attempt: Number(labels?.[LABELS.attempt]),
      state: attemptState(job, pod, now),
      pod: pod?.metadata.name ?? null,
      startedAt: started === undefined ? null : new Date(started),
    };
  });
}
