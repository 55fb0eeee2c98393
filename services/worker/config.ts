import * as z from 'zod';

const text = z.string('is not set').min(1, 'is not set');
const folder = text
  .refine((uri) => uri === '' || URL.parse(uri)?.protocol === 'file:', 'must be a file: URI')
  .transform((uri) => URL.parse(uri) ?? new URL('file:///'));
const optional = (otherwise: string, schema: z.ZodType<string>) => z.preprocess((given) => given || otherwise, schema);
const wholeNumber = z.string().regex(/^([1-9]\d{0,8})?$/, 'must be a whole number of at least 1');

const GIB = 2 ** 30;

const environment = z
  .object({
    STEP: text.regex(/^([0-9a-f]{64})?$/, 'must be a SHA-256 digest of 64 lower-case hex digits'),
    ATTEMPT: text.and(wholeNumber),
    CONTROLLER_ADDRESS: text.regex(/^([^\s/]+:\d+)?$/, 'must be host:port'),
    CONTROLLER_TOKEN: text,
    OBJECTS: folder,
    BUS: folder,
    SCRATCH: text,
    CACHE_GIB: optional('32', wholeNumber),
    DEVICE: z.preprocess((device) => device || 'cpu', z.enum(['cpu', 'cuda'], 'must be one of cpu, cuda')),
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
    /** Folder on a local disk. The workers of a machine share it for unpacked arrays; it may vanish between runs. */
    scratch: env.SCRATCH,
    /** Most bytes of unpacked arrays to keep in `scratch` beyond what running folds need. */
    cacheBytes: Number(env.CACHE_GIB) * GIB,
    device: env.DEVICE,
    logLevel: env.LOG_LEVEL,
  }))
  .readonly();

/** What a worker process is told from outside. Everything else stands in the step's description. */
export type Config = z.infer<typeof environment>;

/**
 * The configuration from environment variables. Defaults: CACHE_GIB 32, DEVICE cpu, LOG_LEVEL info.
 *
 * @throws {RangeError} naming every variable that is missing or wrong, one a line.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = environment.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')} ${message}`);
  throw new RangeError(`bad configuration:\n${[...new Set(problems)].join('\n')}`, { cause: parsed.error });
}
