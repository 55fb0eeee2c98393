// The port to whatever runs a step attempt: a child process here, a Kubernetes Job there. Level-based: `start` of an
// attempt that exists does nothing.

/** One attempt at one step. */
export interface StepAttempt {
  /** Digest of the step. */
  readonly step: string;
  readonly attempt: number;
  /** Which program: `worker` for ingest, preprocess and train; `ensemble` for ensemble and publish. */
  readonly program: 'worker' | 'ensemble';
  /** For people: `train 3d_fullres fold 2`. */
  readonly title: string;
}

export type AttemptState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'running' }
  /** `exitCode` null: killed by a signal or lost. */
  | { readonly kind: 'ended'; readonly exitCode: number | null };

export interface ObservedAttempt {
  readonly step: string;
  readonly attempt: number;
  readonly state: AttemptState;
}

export interface StepRunner extends AsyncDisposable {
  start(attempt: StepAttempt): Promise<void>;
  /** Every attempt this runner still remembers. */
  list(): Promise<ObservedAttempt[]>;
  /** Asks to checkpoint and end; `now` kills. Unknown attempts are fine. */
  stop(attempt: { readonly step: string; readonly attempt: number }, how: 'checkpoint' | 'now'): Promise<void>;
  /** Resolves at the next change of any attempt, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
}
