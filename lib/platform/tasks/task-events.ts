// The port to those who are told what happens to a Task, beside its status. Nothing depends on it.

import type { Task } from '#api/v1alpha1/kinds.ts';

/** Something that happened to a Task. */
export interface TaskEvent {
  readonly type: 'Normal' | 'Warning';
  /** PascalCase: why. */
  readonly reason: string;
  /** PascalCase: what was done. */
  readonly action: string;
  /** A sentence; no patient data. */
  readonly note: string;
}

export interface TaskEvents {
  /** Never waits and never throws. */
  record(task: Task, event: TaskEvent): void;
}

/** Where nobody is told: whoever runs Tasks on one machine watches them. */
export const NO_EVENTS: TaskEvents = { record: () => {} };
