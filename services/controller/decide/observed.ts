// What the controller knows of one Task at one moment. Read by `observe.ts`, judged by everything in this folder.

import type { Model, Task, TaskStatus } from '#api/v1alpha1/kinds.ts';
import type { Progress } from '#platform/link/controller-link.ts';
import type { AttemptState } from '#platform/runner/step-runner.ts';
import type { Manifest } from '#steps/manifest.ts';
import type { StepFailure } from '#steps/step-failure.ts';
import type { StepNode } from '#steps/unfold.ts';
import type { Speeds } from './work-speed.ts';

/** A Task with its steps, as far as they can be named yet. */
export interface Observed {
  readonly task: Task;
  /** Whether a training is asked for: if none is, too few cases for the folds are no fault. */
  readonly needsTraining: boolean;
  /** Why the data set, or weights to start from, cannot be looked at at all; `null` when they can. */
  readonly datasetFault: StepFailure | null;
  /** What was taken in from outside for the Task's generation; `null` while `datasetFault` stands. */
  readonly takenIn: NonNullable<TaskStatus['takenIn']> | null;
  /** Inputs before users. Empty while `datasetFault` stands. */
  readonly steps: readonly ObservedStep[];
  /** How fast attempts at this Task's steps have been, those that ended too. */
  readonly speeds: Speeds;
  /** The Model of the name that this Task publishes under, whoever made it. */
  readonly model: Model | null;
}

export interface ObservedStep {
  readonly node: StepNode;
  /** `null` until all inputs are known. */
  readonly digest: string | null;
  readonly manifest: Manifest | null;
  /** Why a manifest that is there does not count: it, or an output it names, is not what was written. Else `null`. */
  readonly damage: string | null;
  /** Attempts whose checkpoints may still lie there, though the step is done; told once. */
  readonly leftBehind: readonly number[];
  /** Whether an attempt at it can go on where an earlier one was. */
  readonly hasCheckpoint: boolean;
  /** Ascending. Not looked at once the manifest exists. */
  readonly attempts: readonly AttemptSeen[];
}

/** An attempt, as the runner and the object store together tell. */
export interface AttemptSeen {
  readonly attempt: number;
  /** `forgotten`: the runner knows nothing of it; it ran under an earlier controller, or was never started. */
  readonly run: AttemptState | { readonly kind: 'forgotten' };
  readonly failure: (StepFailure & { readonly at: Date }) | null;
  /** When it began; asked only of those that were lost, else `null`. */
  readonly begun: Date | null;
  /** What it last said; `null` before it said anything. */
  readonly progress: Progress | null;
  /** Share of the step that it does in a second; `null` while that is not known. */
  readonly pace: number | null;
}
