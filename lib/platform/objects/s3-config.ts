import * as z from 'zod';

/** An S3 store, and who we are to it. */
export interface S3Config {
  /** `http:` or `https:`, without a path: buckets are in the path of a request. */
  readonly endpoint: URL;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

const text = z.string().optional();
const variables = z.object({ S3_ENDPOINT: text, S3_REGION: text, S3_ACCESS_KEY: text, S3_SECRET_KEY: text });

/**
 * The part of a program's environment that is about an S3 store; to be joined with the rest by `and`. Without
 * S3_ENDPOINT there is none. S3_REGION is us-east-1 unless it is set: stores of an institution rarely mind.
 */
export const s3Environment = variables.transform((env, context): { readonly s3: S3Config | null } => {
  if (!env.S3_ENDPOINT) return { s3: null };
  const endpoint = URL.parse(env.S3_ENDPOINT);
  if (endpoint === null || !isServer(endpoint))
    context.addIssue({
      code: 'custom',
      path: ['S3_ENDPOINT'],
      message: 'must be http://host:port or https://host:port, without a path',
    });
  for (const name of ['S3_ACCESS_KEY', 'S3_SECRET_KEY'] as const)
    if (!env[name]) context.addIssue({ code: 'custom', path: [name], message: 'must come with S3_ENDPOINT' });
  return {
    s3: {
      endpoint: endpoint ?? new URL('http://none'),
      region: env.S3_REGION || 'us-east-1',
      accessKey: env.S3_ACCESS_KEY ?? '',
      secretKey: env.S3_SECRET_KEY ?? '',
    },
  };
});

const isServer = ({ protocol, pathname, search, hash, username, password }: URL): boolean =>
  ['http:', 'https:'].includes(protocol) && `${username}${password}${pathname}${search}${hash}` === '/';
