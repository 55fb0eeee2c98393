import * as z from 'zod';

const text = z.string('is not set').min(1, 'is not set');
const folder = text
  .refine((uri) => uri === '' || URL.parse(uri)?.protocol === 'file:', 'must be a file: URI')
  .transform((uri) => URL.parse(uri) ?? new URL('file:///'));

const environment = z
  .object({
    STEP: text.regex(/^([0-9a-f]{64})?$/, 'must be a SHA-256 digest of 64 lower-case hex digits'),
    ATTEMPT: text.regex(/^([1-9]\d{0,8})?$/, 'must be a whole number of at least 1'),
    CONTROLLER_ADDRESS: text.regex(/^([^\s/]+:\d+)?$/, 'must be host:port'),
    CONTROLLER_TOKEN: text,
    OBJECTS: folder,
    BUS: folder,
    SCRATCH: text,
    LOG_LEVEL: z.preprocess(
      (level) => level || 'info',
      z.enum(['debug', 'info', 'warn', 'error'], 'must be one of debug, info, warn, error'),
    ),
  })
  .transform((env) => ({
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
    /** Folder on a local disk; the attempt makes one of its own below it. */
    scratch: env.SCRATCH,
    logLevel: env.LOG_LEVEL,
  }))
  .readonly();

/** What an ensemble process is told from outside. Everything else stands in the step's description. */
export type Config = z.infer<typeof environment>;

/**
 * The configuration from environment variables. Default: LOG_LEVEL info.
 *
 * @throws {RangeError} naming every variable that is missing or wrong, one a line.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = environment.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')} ${message}`);
  throw new RangeError(`bad configuration:\n${[...new Set(problems)].join('\n')}`, { cause: parsed.error });
}
