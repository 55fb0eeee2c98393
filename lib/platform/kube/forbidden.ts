import { statusOf } from './kube-api-error.ts';

/** Instead of something that whoever asks may not see. */
export type Forbidden = 'forbidden';

/** For requests whose refusal is an answer: less is shown then. */
export async function orForbidden<T>(asked: Promise<T>): Promise<T | Forbidden> {
  try {
    return await asked;
  } catch (error) {
    if (statusOf(error) === 403) return 'forbidden';
    throw error;
  }
}
