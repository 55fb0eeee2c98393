import * as z from 'zod';
import { PentafoldError } from '#core/errors.ts';
import { isStorageFull, StorageFullError } from '#files/storage-full-error.ts';

/** Why an attempt failed, for the Task's condition. */
export interface StepFailure {
  /** Stable, upper snake case: a `PentafoldError`'s code or `INTERNAL`. */
  readonly code: string;
  /** For people; no patient data. */
  readonly message: string;
}

/** What is left behind of an error. */
export function failureOf(error: unknown): StepFailure {
  if (isStorageFull(error) && !(error instanceof PentafoldError))
    return failureOf(new StorageFullError(placeOf(error)));
  if (error instanceof PentafoldError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** A system's error tells of a file, if any. */
const placeOf = (error: unknown): string =>
  error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : 'a file on this machine';

/** A failure, as JSON on disk. */
export const failureSchema: z.ZodType<StepFailure> = z.object({ code: z.string(), message: z.string() });
