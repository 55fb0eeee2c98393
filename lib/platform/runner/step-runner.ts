// The port to whatever runs a step attempt: a child process here, a Kubernetes Job there. Level-based: `start` of an
// attempt that exists does nothing.

import type { TaskSpec } from '#api/v1alpha1/kinds.ts';

/** One attempt at one step. */
export interface StepAttempt {
  /** Digest of the step. */
  readonly step: string;
  readonly attempt: number;
  /** Which program: `worker` for ingest, preprocess and train; `ensemble` for ensemble and publish. */
  readonly program: 'worker' | 'ensemble';
  /** For people: `train 3d_fullres fold 2`. */
  readonly title: string;
  /** The Task that asked for it; whoever runs the attempt may tie its life to that Task's. */
  readonly task: { readonly name: string; readonly uid: string };
  readonly demand: Demand;
  /** What the Task says of its workers. */
  readonly workers: TaskSpec['workers'];
}

/** What an attempt needs of a machine, by forecast. Affects no result. */
export interface Demand {
  /** Of this machine's memory, without what an accelerator holds. */
  readonly memoryBytes: number;
  /** Of a training's weights, activations and gradients; `null` for a step that does not train. */
  readonly trainingBytes: number | null;
}

export type AttemptState =
  /** `waitsFor`: what it lacks, in plain words, if that is known. */
  | { readonly kind: 'pending'; readonly waitsFor: string | null }
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly exitCode: number }
  /** By a signal: its exit code says nothing. */
  | { readonly kind: 'killed'; readonly by: Killer };

/**
 * `memory`: it took more than it may have. `disruption`: its machine went away, or was needed for something more
 * important; nobody's fault. `unknown`: neither is known.
 */
export type Killer = 'memory' | 'disruption' | 'unknown';

export interface ObservedAttempt {
  readonly step: string;
  readonly attempt: number;
  readonly state: AttemptState;
}

export interface StepRunner extends AsyncDisposable {
  start(attempt: StepAttempt): Promise<void>;
  /** Every attempt this runner still remembers. */
  list(): Promise<ObservedAttempt[]>;
  /** Those of them at one step. */
  listOf(step: string): Promise<ObservedAttempt[]>;
  /** Whether an attempt at the step is to begin, runs, or saves before it ends, also one that is listed no more. */
  mayStillWrite(step: string): Promise<boolean>;
  /** Asks to checkpoint and end; `now` kills. Unknown attempts are fine. */
  stop(attempt: { readonly step: string; readonly attempt: number }, how: 'checkpoint' | 'now'): Promise<void>;
  /** Resolves at the next change of any attempt, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
}
