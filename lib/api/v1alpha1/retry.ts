import { LONGEST_RETRY_REQUEST, RETRY_ANNOTATION, type TaskStatus } from './kinds.ts';

/** What a person asks for by `RETRY_ANNOTATION`; `undefined` for nothing. */
export const retryRequest = (annotations: Readonly<Record<string, string>> = {}): string | undefined =>
  annotations[RETRY_ANNOTATION]?.slice(0, LONGEST_RETRY_REQUEST) || undefined;

/** Whether a retry is asked for that no controller has heard of yet. @param request as `retryRequest` gives it. */
export const isRetryPending = (request: string | undefined, status: TaskStatus | undefined): boolean =>
  request !== undefined && request !== status?.lastRetryRequestedAt;
