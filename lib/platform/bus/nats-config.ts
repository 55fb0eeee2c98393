import * as z from 'zod';
import { loadEnvironment, wholeNumberOr } from '#formats/environment.ts';

/** How a client shows who it is: contents of files, read anew at every connection, so that they may be replaced. */
export type NatsCredentials =
  | { readonly kind: 'none' }
  /** A `.creds` file: a JWT and the seed of its key. */
  | { readonly kind: 'creds'; readonly file: string }
  | { readonly kind: 'token'; readonly file: string }
  | { readonly kind: 'user'; readonly userFile: string; readonly passwordFile: string };

/** Certificates in PEM. */
export interface NatsTls {
  /** Whom to believe beside the well-known authorities. */
  readonly authorityFile: string | null;
  /** The client's own, where the server asks for one. */
  readonly own: { readonly certificateFile: string; readonly keyFile: string } | null;
}

/** Beyond which the oldest messages go. */
export interface StreamLimits {
  readonly maxAgeHours: number;
  readonly maxMebibytes: number;
  readonly maxMessagesPerSubject: number;
  /** How long the server remembers the ids of messages. Readers drop what is repeated later. */
  readonly duplicateWindowMinutes: number;
  /** On how many servers each message lies. */
  readonly replicas: number;
}

/** What is said about NATS beside its address. */
export interface NatsConfig {
  /** Name of the stream and first part of the names of its subjects: several installations may share servers. */
  readonly stream: string;
  readonly limits: StreamLimits;
  readonly credentials: NatsCredentials;
  readonly tls: NatsTls;
}

const file = z.string().optional();

const variables = z.object({
  NATS_STREAM: z.preprocess(
    (name) => name || 'pentafold',
    z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be 1 to 32 letters, digits, _ or -'),
  ),
  NATS_MAX_AGE_HOURS: wholeNumberOr(720),
  NATS_MAX_MEBIBYTES: wholeNumberOr(256),
  NATS_MAX_MESSAGES_PER_SUBJECT: wholeNumberOr(20000),
  NATS_DUPLICATE_WINDOW_MINUTES: wholeNumberOr(10),
  NATS_REPLICAS: z
    .preprocess((given) => given || '1', z.enum(['1', '3', '5'], 'must be one of 1, 3, 5'))
    .transform(Number),
  NATS_CREDS_FILE: file,
  NATS_TOKEN_FILE: file,
  NATS_USER_FILE: file,
  NATS_PASSWORD_FILE: file,
  NATS_CA_FILE: file,
  NATS_CERTIFICATE_FILE: file,
  NATS_KEY_FILE: file,
});

/** Names of the variables that are about NATS; none of them holds a secret. */
export const NATS_VARIABLES: readonly string[] = Object.keys(variables.shape);

type Variables = Readonly<Record<string, unknown>>;

/** What no variable says alone. `when`: also while others are wrong, so that all problems are told at once. */
const rule = (path: string, error: string, holds: (env: Variables) => boolean): Rule => [
  holds,
  { path: [path], error, when: () => true },
];

type Rule = [holds: (env: Variables) => boolean, { path: string[]; error: string; when: () => boolean }];

const needs = (one: string, other: string) => rule(one, `must come with ${other}`, (env) => !env[one] || !!env[other]);

const ONE_IDENTITY = 'is one way to show who one is, beside NATS_TOKEN_FILE and NATS_USER_FILE: set one of them';

/** The part of a program's environment that is about NATS; to be joined with the rest by `and`. */
export const natsEnvironment = variables
  .refine(...needs('NATS_USER_FILE', 'NATS_PASSWORD_FILE'))
  .refine(...needs('NATS_PASSWORD_FILE', 'NATS_USER_FILE'))
  .refine(...needs('NATS_CERTIFICATE_FILE', 'NATS_KEY_FILE'))
  .refine(...needs('NATS_KEY_FILE', 'NATS_CERTIFICATE_FILE'))
  .refine(
    ...rule('NATS_CREDS_FILE', ONE_IDENTITY, (env) => {
      return [env.NATS_CREDS_FILE, env.NATS_TOKEN_FILE, env.NATS_USER_FILE].filter(Boolean).length <= 1;
    }),
  )
  .refine(
    ...rule('NATS_DUPLICATE_WINDOW_MINUTES', 'must not be longer than NATS_MAX_AGE_HOURS', (env) => {
      return !(Number(env.NATS_DUPLICATE_WINDOW_MINUTES) > 60 * Number(env.NATS_MAX_AGE_HOURS));
    }),
  )
  .transform((env) => ({ nats: natsConfig(env) }));

const natsConfig = (env: z.infer<typeof variables>): NatsConfig => ({
  stream: env.NATS_STREAM,
  limits: {
    maxAgeHours: env.NATS_MAX_AGE_HOURS,
    maxMebibytes: env.NATS_MAX_MEBIBYTES,
    maxMessagesPerSubject: env.NATS_MAX_MESSAGES_PER_SUBJECT,
    duplicateWindowMinutes: env.NATS_DUPLICATE_WINDOW_MINUTES,
    replicas: env.NATS_REPLICAS,
  },
  credentials: credentials(env),
  tls: {
    authorityFile: env.NATS_CA_FILE || null,
    own:
      env.NATS_CERTIFICATE_FILE && env.NATS_KEY_FILE
        ? { certificateFile: env.NATS_CERTIFICATE_FILE, keyFile: env.NATS_KEY_FILE }
        : null,
  },
});

function credentials(env: z.infer<typeof variables>): NatsCredentials {
  if (env.NATS_CREDS_FILE) return { kind: 'creds', file: env.NATS_CREDS_FILE };
  if (env.NATS_TOKEN_FILE) return { kind: 'token', file: env.NATS_TOKEN_FILE };
  if (env.NATS_USER_FILE && env.NATS_PASSWORD_FILE) {
    return { kind: 'user', userFile: env.NATS_USER_FILE, passwordFile: env.NATS_PASSWORD_FILE };
  }
  return { kind: 'none' };
}

/**
 * The configuration from environment variables. Defaults: NATS_STREAM pentafold, NATS_MAX_AGE_HOURS 720,
 * NATS_MAX_MEBIBYTES 256, NATS_MAX_MESSAGES_PER_SUBJECT 20000, NATS_DUPLICATE_WINDOW_MINUTES 10, NATS_REPLICAS 1; no
 * credentials, and no certificates but the well-known ones. An empty variable counts as not set.
 *
 * @throws {RangeError} naming every variable that is wrong, one a line.
 */
export const loadNatsConfig = (env: Readonly<Record<string, string | undefined>>): NatsConfig =>
  loadEnvironment(natsEnvironment, env).nats;
