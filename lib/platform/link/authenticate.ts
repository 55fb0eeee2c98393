import { createHash, timingSafeEqual } from 'node:crypto';
import type { SynchronizeRequest } from './controller-link.ts';

/** @returns why a caller with this token may not say that; `null` when it may. */
export type Authenticate = (
  token: string,
  request: Pick<SynchronizeRequest, 'step' | 'attempt'>,
) => Promise<string | null>;

/** Lets in whoever has the one token: for the processes of one machine. */
export function sharedToken(token: string): Authenticate {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const wanted = digest(token);
  // Digests are compared, so that the time taken tells nothing of the token.
  return async (sent) => (timingSafeEqual(digest(sent), wanted) ? null : 'the token is not the one of this controller');
}
