import * as z from 'zod';

const text = z.string('is not set').min(1, 'is not set');
const folder = text
  .refine((uri) => uri === '' || URL.parse(uri)?.protocol === 'file:', 'must be a file: URI')
  .transform((uri) => URL.parse(uri) ?? new URL('file:///'));

/** A whole number of at least 1, still as text; the empty text passes, for whoever takes it as not set. */
export const wholeNumber = z.string().regex(/^([1-9]\d{0,8})?$/, 'must be a whole number of at least 1');

/** How much a program logs; `info` when not set. */
export const logLevel = z.preprocess(
  (level) => level || 'info',
  z.enum(['debug', 'info', 'warn', 'error'], 'must be one of debug, info, warn, error'),
);

/** The environment variables that every program of a step is given. An empty one counts as not set. */
export const stepVariables = {
  STEP: text.regex(/^([0-9a-f]{64})?$/, 'must be a SHA-256 digest of 64 lower-case hex digits'),
  ATTEMPT: text.and(wholeNumber),
  CONTROLLER_ADDRESS: text.regex(/^([^\s/]+:\d+)?$/, 'must be host:port'),
  CONTROLLER_TOKEN: text,
  OBJECTS: folder,
  BUS: folder,
  SCRATCH: text,
  LOG_LEVEL: logLevel,
};

/** `stepVariables` under the names that programs use. */
export const stepConfig = (env: z.infer<z.ZodObject<typeof stepVariables>>) => ({
  /** Digest of the step. */
  step: env.STEP,
  attempt: Number(env.ATTEMPT),
  /** `host:port` of the controller's gRPC service. */
  controllerAddress: env.CONTROLLER_ADDRESS,
  controllerToken: env.CONTROLLER_TOKEN,
  /** Folder of the object store: a file: URI. */
  objects: env.OBJECTS,
  /** Folder of the message bus: a file: URI. */
  bus: env.BUS,
  /** Folder on a local disk that the workers of a machine share; it may vanish between runs. */
  scratch: env.SCRATCH,
  logLevel: env.LOG_LEVEL,
});

/** What the program of a step is told from outside. */
export type StepConfig = ReturnType<typeof stepConfig>;

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
