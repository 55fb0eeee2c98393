import * as z from 'zod';
import { loadEnvironment, wholeNumberOr } from '#formats/environment.ts';
import { stepEnvironment } from '#steps/step-environment.ts';

const GIB = 2 ** 30;

const own = z
  .object({
    CACHE_GIB: wholeNumberOr(32),
    DEVICE: z.preprocess((device) => device || 'cpu', z.enum(['cpu', 'cuda'], 'must be one of cpu, cuda')),
  })
  .transform((env) => ({
    /** Most bytes of unpacked arrays to keep in `scratch` beyond what running folds need. */
    cacheBytes: env.CACHE_GIB * GIB,
    device: env.DEVICE,
  }));

const environment = stepEnvironment.and(own).readonly();

/** What a worker process is told from outside. Everything else stands in the step's description. */
export type Config = z.infer<typeof environment>;

/**
 * The configuration from environment variables. Defaults: CACHE_GIB 32, DEVICE cpu, LOG_LEVEL info.
 *
 * @throws {RangeError} naming every variable that is missing or wrong, one a line.
 */
export const loadConfig = (env: Readonly<Record<string, string | undefined>>): Config =>
  loadEnvironment(environment, env);
