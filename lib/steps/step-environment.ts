import * as z from 'zod';
import { hostAndPort, requiredText, wholeNumber } from '#formats/environment.ts';
import { storeEnvironment } from './store-environment.ts';

/** How much a program logs; `info` when not set. */
export const logLevel = z.preprocess(
  (level) => level || 'info',
  z.enum(['debug', 'info', 'warn', 'error'], 'must be one of debug, info, warn, error'),
);

const variables = z.object({
  STEP: requiredText.regex(/^([0-9a-f]{64})?$/, 'must be a SHA-256 digest of 64 lower-case hex digits'),
  ATTEMPT: requiredText.and(wholeNumber),
  CONTROLLER_ADDRESS: hostAndPort,
  CONTROLLER_TOKEN: z.string().optional(),
  CONTROLLER_TOKEN_FILE: z.string().optional(),
  CONTROLLER_CA_FILE: z.string().optional(),
  SCRATCH: requiredText,
  LOG_LEVEL: logLevel,
});

/**
 * The environment variables that every program of a step is given, and what they are called within; a program joins its
 * own by `and`. An empty variable counts as not set.
 */
export const stepEnvironment = variables
  .refine((env) => Boolean(env.CONTROLLER_TOKEN) !== Boolean(env.CONTROLLER_TOKEN_FILE), {
    path: ['CONTROLLER_TOKEN'],
    error: 'or CONTROLLER_TOKEN_FILE must be set, one of them',
    // Also while others are wrong, so that all problems are told at once.
    when: () => true,
  })
  .transform((env) => ({
    /** Digest of the step. */
    step: env.STEP,
    attempt: Number(env.ATTEMPT),
    /** `host:port` of the controller's gRPC service. */
    controllerAddress: env.CONTROLLER_ADDRESS,
    /** Who we are to the controller: the token itself, or a file whose contents are renewed. */
    controllerToken: env.CONTROLLER_TOKEN ? { text: env.CONTROLLER_TOKEN } : { file: env.CONTROLLER_TOKEN_FILE ?? '' },
    /** Certificates in PEM of whom to believe that it is the controller; `null`: it speaks in clear text. */
    controllerAuthorityFile: env.CONTROLLER_CA_FILE || null,
    /** Folder on a local disk that the workers of a machine share; it may vanish between runs. */
    scratch: env.SCRATCH,
    logLevel: env.LOG_LEVEL,
  }))
  .and(storeEnvironment);

/** What the program of a step is told from outside. */
export type StepConfig = z.infer<typeof stepEnvironment>;
