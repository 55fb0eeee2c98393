// One request to an S3 store, by a signed URL: what comes back is whole, or it is an error that says whether trying again
// may help. The client library signs; it is not asked to send, since it knows no timeouts.

import { PentafoldError } from '#core/errors.ts';
import type { StoreTime } from './store-time.ts';

/** Thrown when a store does not answer, or not in time, or is too busy. Trying again may help. */
export class StoreUnreachableError extends PentafoldError {
  readonly code = 'STORE_UNREACHABLE';

  constructor({ place, reason }: { readonly place: string; readonly reason: string }, options?: ErrorOptions) {
    super(`the object store at ${place} did not answer as it should: ${reason}`, options);
  }
}

/** Thrown when a store answers that it will not do what it is asked. Trying again does not help. */
export class StoreRefusedError extends PentafoldError {
  readonly code = 'STORE_REFUSED';
  readonly status: number;
  /** The store's own; empty where its answer had no room for one. */
  readonly s3Code: string;

  constructor(
    { place, status, s3Code }: { readonly place: string; readonly status: number; readonly s3Code: string },
    options?: ErrorOptions,
  ) {
    super(`the object store at ${place} refused: ${status} ${s3Code}; ${remedyFor(status)}`, options);
    this.status = status;
    this.s3Code = s3Code;
  }
}

export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Signed. */
  readonly url: string;
  /** For messages: `http://host/bucket`, without key or signature. */
  readonly place: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly timeoutMs: number;
  /** By what the URL was signed, and when that was. */
  readonly time: StoreTime;
  readonly signedAt: Date;
}

export interface S3Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Statuses that a healthy store does not answer: it is overloaded, starting, or behind something that is. */
const TRANSIENT: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 520]);

/**
 * Sends a request and reads its answer whole: `fetch` itself refuses a body that is shorter than was announced.
 *
 * @param expected statuses that are an answer: 404 may be one.
 * @throws {StoreUnreachableError} @throws {StoreRefusedError}
 */
export async function sendToS3(request: S3Request, expected: readonly number[]): Promise<S3Response> {
  const response = await answer(request);
  if (expected.includes(response.status)) return response;
  const { place, time, signedAt } = request;
  const { status } = response;
  // Signed anew, it will be right.
  const wrongMinutes = status === 403 ? time.correct(signedAt, response.headers.get('date')) : null;
  if (wrongMinutes !== null)
    throw new StoreUnreachableError({ place, reason: `its clock and this machine’s differ by ${wrongMinutes} min` });
  if (TRANSIENT.has(status)) throw new StoreUnreachableError({ place, reason: `${status} ${s3Code(response)}` });
  throw new StoreRefusedError({ place, status, s3Code: s3Code(response) });
}

async function answer({ method, url, place, headers, body, timeoutMs }: S3Request): Promise<S3Response> {
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, body: bytes };
  } catch (cause) {
    throw new StoreUnreachableError({ place, reason: reasonOf(cause) }, { cause });
  }
}

/** `fetch` says only that it failed; why stands in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** `NoSuchBucket` and the like, from the XML of the answer. */
const s3Code = ({ body }: S3Response): string =>
  /<Code>([^<]{1,100})<\/Code>/.exec(new TextDecoder().decode(body))?.[1] ?? '';

function remedyFor(status: number): string {
  if (status === 403) return 'check the access key, the secret, their rights on the bucket, and this machine’s clock';
  if (status === 404) return 'check the name of the bucket; it is not made by us';
  return 'run pentafold doctor to see what the store can do';
}
