import * as z from 'zod';
import { PentafoldError } from '#core/errors.ts';

/** Why an attempt failed, for the Task's condition. */
export interface StepFailure {
  /** Stable, upper snake case: a `PentafoldError`'s code or `INTERNAL`. */
  readonly code: string;
  /** For people; no patient data. */
  readonly message: string;
}

/** What is left behind of an error. */
export function failureOf(error: unknown): StepFailure {
  if (error instanceof PentafoldError) return { code: error.code, message: error.message };
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** A failure, as JSON on disk. */
export const failureSchema: z.ZodType<StepFailure> = z.object({ code: z.string(), message: z.string() });
