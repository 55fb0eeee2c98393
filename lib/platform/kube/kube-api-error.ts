import { PentafoldError } from '#core/errors.ts';

/** What a failed request is about. */
export interface FailedRequest {
  readonly method: string;
  readonly path: string;
}

/** What the API server says of a failure: the interesting part of a `metav1.Status`. */
export interface FailureStatus {
  /** HTTP status. */
  readonly status: number;
  /** `NotFound`, `Conflict`, `Expired`, …; empty where it gives none. */
  readonly reason: string;
  readonly message: string;
  /** Fields that were refused, in the server's spelling: `spec.training.epochs`. */
  readonly fields: readonly string[];
  /** How long to leave it alone; `null` where it does not say. */
  readonly retryAfterSeconds: number | null;
}

/** Thrown when the Kubernetes API refuses a request. */
export class KubeApiError extends PentafoldError {
  readonly code = 'KUBERNETES_API';
  readonly failure: FailureStatus;

  constructor({ method, path }: FailedRequest, failure: FailureStatus) {
    super(`${method} ${path}: ${failure.status} ${failure.reason}: ${failure.message}`);
    this.failure = failure;
  }
}

/** Thrown when a request to the Kubernetes API brings no whole answer. Whether it was carried out is not known. */
export class KubeUnreachableError extends PentafoldError {
  readonly code = 'KUBERNETES_UNREACHABLE';

  constructor({ method, path }: FailedRequest, options: { readonly cause: unknown }) {
    super(`${method} ${path}: the Kubernetes API gives no answer: ${reasonIn(options.cause)}`, options);
  }
}

/** Of a request that we broke off ourselves the reason is one further down. */
function reasonIn(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.name === 'AbortError' && cause.cause instanceof Error ? cause.cause.message : cause.message;
}

/** Which HTTP status an error stands for; `undefined` for any other error. */
export const statusOf = (error: unknown): number | undefined =>
  error instanceof KubeApiError ? error.failure.status : undefined;

export const isNotFound = (error: unknown): boolean => statusOf(error) === 404;

/** Somebody else changed or made the object first: look again. */
export const isConflict = (error: unknown): boolean => statusOf(error) === 409;

/** A resourceVersion or page is too old: list again. */
export const isGone = (error: unknown): boolean => statusOf(error) === 410;

const TRANSIENT = new Set([408, 429, 500, 502, 503, 504]);

/** Whether the same request may succeed later without anybody mending anything: no connection, or a server in trouble. */
export function isTransient(error: unknown): boolean {
  return error instanceof KubeUnreachableError || TRANSIENT.has(statusOf(error) ?? 0);
}
