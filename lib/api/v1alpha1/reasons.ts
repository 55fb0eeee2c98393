/** Reasons by which whoever shows a Task tells apart what the status of a condition does not. Stored, so they stay. */
export const REASONS = {
  /** `Failed` is false, but steps failed and pause before they are tried again. */
  retrying: 'Retrying',
  /** `Failed` is false since a person asked that the Task be tried again. */
  retryRequested: 'RetryRequested',
  /** `Suspended` is not yet true: workers are still to save and end. */
  stopping: 'Stopping',
  /** `Suspended` is false, as the spec wants it. */
  notSuspended: 'NotSuspended',
} as const;
