// Builders of observations for the controller's decisions: every field sensible, one of them interesting.

import type { Model, Task, TaskSpec } from '#api/v1alpha1/kinds.ts';
import { stepDigest } from '#steps/step.ts';
import type { AttemptSeen, Observed } from '../../services/controller/decide/observed.ts';
import { aGraph, aModel, aTask } from './observed-task.ts';

/** The present of these tests. */
export const NOW = new Date('2026-01-02T12:00:00.000Z');

export const LIMITS = { failuresPerStep: 3, lossesPerStep: 10, firstPauseMs: 5000, longestPauseMs: 60_000 };

/** `secondsAgo(5)`: five seconds before `NOW`. */
export const secondsAgo = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);

/** An attempt that runs, unless said otherwise. */
export const anAttempt = (changes: Partial<AttemptSeen> = {}): AttemptSeen => ({
  attempt: 1,
  run: { kind: 'running' },
  failure: null,
  begun: null,
  progress: null,
  pace: null,
  ...changes,
});

/** An attempt that failed and said why. */
export const aFailedAttempt = (attempt: number, at: Date, exitCode = 1): AttemptSeen =>
  anAttempt({
    attempt,
    run: { kind: 'ended', exitCode },
    failure: { code: 'NO_LUCK', message: 'the dice fell badly', at },
  });

export interface ObservationChanges {
  readonly spec?: Partial<TaskSpec> | Record<string, unknown>;
  readonly task?: Task;
  /** Keys of the steps that are done. */
  readonly done?: readonly string[] | 'all';
  /** By key of the step. */
  readonly attempts?: Readonly<Record<string, readonly AttemptSeen[]>>;
  /** By key of the step: why its manifest does not count. */
  readonly damage?: Readonly<Record<string, string>>;
  /** Keys of the steps that have one. */
  readonly checkpoints?: readonly string[];
  /** Attempts by step that another one has done. */
  readonly leftBehind?: Readonly<Record<string, readonly number[]>>;
  /** Work a second by kind of work, as in `workOf`. */
  readonly speeds?: Readonly<Record<string, number>>;
  readonly model?: Model | 'of this task';
  readonly needsTraining?: boolean;
  readonly datasetFault?: Observed['datasetFault'];
}

/** A Task of one configuration and two folds whose first look found nothing done. */
export function anObservation(changes: ObservationChanges = {}): Observed {
  const task = changes.task ?? aTask({ spec: { ...changes.spec } });
  const { nodes, done } = aGraph(task, changes.done ?? []);
  const steps = nodes.map((node) => ({
    node,
    digest: node.identity === null ? null : stepDigest(node.identity),
    manifest: done.get(node.key) ?? null,
    damage: changes.damage?.[node.key] ?? null,
    leftBehind: changes.leftBehind?.[node.key] ?? [],
    hasCheckpoint: changes.checkpoints?.includes(node.key) ?? false,
    attempts: changes.attempts?.[node.key] ?? [],
  }));
  const publish = done.get('publish')?.step ?? 'no-step';
  const model = changes.model === 'of this task' ? aModel(publish) : (changes.model ?? null);
  const datasetFault = changes.datasetFault ?? null;
  return {
    task,
    needsTraining: changes.needsTraining ?? true,
    datasetFault,
    takenIn:
      datasetFault === null
        ? { generation: task.metadata.generation, revision: 'revision-1', pretrainedWeights: {} }
        : null,
    steps: datasetFault === null ? steps : [],
    model,
    speeds: new Map(Object.entries(changes.speeds ?? {})),
  };
}

/** The keys of the steps with these digests, for expectations that people can read. */
export const keyOf = (observed: Observed, digest: string): string =>
  observed.steps.find((step) => step.digest === digest)?.node.key ?? 'unknown step';
