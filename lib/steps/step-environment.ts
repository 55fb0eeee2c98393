import * as z from 'zod';
import { requiredText, wholeNumber } from '#formats/environment.ts';
import { BUS_ADDRESSES, tryBusAddress } from '#platform/bus/bus-address.ts';
import { natsEnvironment } from '#platform/bus/nats-config.ts';

const folder = requiredText
  .refine((uri) => uri === '' || URL.parse(uri)?.protocol === 'file:', 'must be a file: URI')
  .transform((uri) => URL.parse(uri) ?? new URL('file:///'));

const busAddress = requiredText.transform((text, context) => {
  const address = tryBusAddress(text);
  if (address !== undefined) return address;
  context.addIssue(`must be ${BUS_ADDRESSES}`);
  return z.NEVER;
});

/** How much a program logs; `info` when not set. */
export const logLevel = z.preprocess(
  (level) => level || 'info',
  z.enum(['debug', 'info', 'warn', 'error'], 'must be one of debug, info, warn, error'),
);

const variables = z.object({
  STEP: requiredText.regex(/^([0-9a-f]{64})?$/, 'must be a SHA-256 digest of 64 lower-case hex digits'),
  ATTEMPT: requiredText.and(wholeNumber),
  CONTROLLER_ADDRESS: requiredText.regex(/^([^\s/]+:\d+)?$/, 'must be host:port'),
  CONTROLLER_TOKEN: requiredText,
  OBJECTS: folder,
  BUS: busAddress,
  SCRATCH: requiredText,
  LOG_LEVEL: logLevel,
});

/**
 * The environment variables that every program of a step is given, and what they are called within; a program joins its
 * own by `and`. An empty variable counts as not set.
 */
export const stepEnvironment = variables
  .transform((env) => ({
    /** Digest of the step. */
    step: env.STEP,
    attempt: Number(env.ATTEMPT),
    /** `host:port` of the controller's gRPC service. */
    controllerAddress: env.CONTROLLER_ADDRESS,
    controllerToken: env.CONTROLLER_TOKEN,
    /** Folder of the object store: a file: URI. */
    objects: env.OBJECTS,
    /** Of the message bus. */
    bus: env.BUS,
    /** Folder on a local disk that the workers of a machine share; it may vanish between runs. */
    scratch: env.SCRATCH,
    logLevel: env.LOG_LEVEL,
  }))
  .and(natsEnvironment);

/** What the program of a step is told from outside. */
export type StepConfig = z.infer<typeof stepEnvironment>;
