// Environment variables to values: what adapters and programs have in common when they read theirs.

import * as z from 'zod';

/** A variable that must be there; an empty one counts as not set. */
export const requiredText = z.string('is not set').min(1, 'is not set');

/** A whole number of at least 1, still as text; the empty text passes, for whoever takes it as not set. */
export const wholeNumber = z.string().regex(/^([1-9]\d{0,8})?$/, 'must be a whole number of at least 1');

/** A whole number of at least 1. @param otherwise what it is when the variable is not set. */
export const wholeNumberOr = (otherwise: number) =>
  z.preprocess((given) => given || String(otherwise), wholeNumber).transform(Number);

/** An address that must be there, such as `10.0.0.1:8443`. */
export const hostAndPort = requiredText.regex(/^([^\s/]+:\d+)?$/, 'must be host:port');

/**
 * What a schema makes of environment variables.
 *
 * @throws {RangeError} naming every variable that is missing or wrong, one a line.
 */
export function loadEnvironment<T>(schema: z.ZodType<T>, env: Readonly<Record<string, string | undefined>>): T {
  const parsed = schema.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')} ${message}`);
  throw new RangeError(`bad configuration:\n${[...new Set(problems)].join('\n')}`, { cause: parsed.error });
}
