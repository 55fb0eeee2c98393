import type * as z from 'zod';
import { loadEnvironment } from '#formats/environment.ts';
import { stepEnvironment } from '#steps/step-environment.ts';

const environment = stepEnvironment.readonly();

/** What an ensemble process is told from outside. Everything else stands in the step's description. */
export type Config = z.infer<typeof environment>;

/**
 * The configuration from environment variables. Default: LOG_LEVEL info.
 *
 * @throws {RangeError} naming every variable that is missing or wrong, one a line.
 */
export const loadConfig = (env: Readonly<Record<string, string | undefined>>): Config =>
  loadEnvironment(environment, env);
