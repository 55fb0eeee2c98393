import * as z from 'zod';
import { serverUrl } from '#platform/objects/s3-config.ts';

const text = z.string().default('');

/**
 * The part of a controller's environment that says whence temporary credentials for its workers come; without
 * S3_STS_ENDPOINT they are given its own keys. Joined with the rest by `and`.
 */
export const stsEnvironment = z.object({ S3_STS_ENDPOINT: text, S3_STS_ROLE_ARN: text }).transform((env, context) => ({
  sts:
    env.S3_STS_ENDPOINT === ''
      ? null
      : {
          endpoint: serverUrl(env.S3_STS_ENDPOINT, 'S3_STS_ENDPOINT', context),
          /** Empty where the store has no roles. */
          roleArn: env.S3_STS_ROLE_ARN,
        },
}));
