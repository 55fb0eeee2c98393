import * as z from 'zod';
import type { S3Place } from './s3-client.ts';

/** An S3 store, and who we are to it. */
export interface S3Config extends S3Place {
  /** `null`: the controller hands over temporary credentials. */
  readonly keys: { readonly accessKey: string; readonly secretKey: string } | null;
}

const text = z.string().optional();
const variables = z.object({
  S3_ENDPOINT: text,
  S3_REGION: text,
  S3_ACCESS_KEY: text,
  S3_SECRET_KEY: text,
  S3_CREDENTIALS_FROM: z.preprocess(
    (given) => given || 'environment',
    z.enum(['environment', 'controller'], 'must be environment or controller'),
  ),
});

/**
 * The part of a program's environment that is about an S3 store; to be joined with the rest by `and`. Without
 * S3_ENDPOINT there is none. S3_REGION is us-east-1 unless it is set: stores of an institution rarely mind. Keys are not read
 * where S3_CREDENTIALS_FROM is `controller`, as a controller sets it for its workers.
 */
export const s3Environment = variables.transform((env, context): { readonly s3: S3Config | null } => {
  if (!env.S3_ENDPOINT) return { s3: null };
  const isGiven = env.S3_CREDENTIALS_FROM === 'environment';
  for (const name of ['S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const)
    if (isGiven && !env[name])
      context.addIssue({ code: 'custom', path: [name], message: 'must come with S3_ENDPOINT' });
  return {
    s3: {
      endpoint: serverUrl(env.S3_ENDPOINT, 'S3_ENDPOINT', context),
      region: env.S3_REGION || 'us-east-1',
      keys: isGiven ? { accessKey: env.S3_ACCESS_KEY ?? '', secretKey: env.S3_SECRET_KEY ?? '' } : null,
    },
  };
});

/** The address of a server that `variable` holds; says so when it is none. */
export function serverUrl(text: string, variable: string, context: z.RefinementCtx): URL {
  const url = URL.parse(text);
  if (url !== null && isServer(url)) return url;
  const message = 'must be http://host:port or https://host:port, without a path';
  context.addIssue({ code: 'custom', path: [variable], message });
  return new URL('http://none');
}

const isServer = ({ protocol, pathname, search, hash, username, password }: URL): boolean =>
  ['http:', 'https:'].includes(protocol) && `${username}${password}${pathname}${search}${hash}` === '/';
