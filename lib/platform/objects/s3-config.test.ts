import { describe, expect, test } from 'vitest';
import { loadEnvironment } from '#formats/environment.ts';
import { s3Environment } from './s3-config.ts';

const KEYS = { S3_ACCESS_KEY: 'key', S3_SECRET_KEY: 'secret' };

describe('the environment of an S3 store', () => {
  test.each([{}, { S3_ENDPOINT: '' }])('there is none without an endpoint: %j', (env) => {
    expect(loadEnvironment(s3Environment, env)).toEqual({ s3: null });
  });

  test('says where the store is and who we are', () => {
    expect(loadEnvironment(s3Environment, { S3_ENDPOINT: 'https://store.local:9000', S3_REGION: '', ...KEYS })).toEqual(
      {
        s3: {
          endpoint: new URL('https://store.local:9000'),
          region: 'us-east-1',
          keys: { accessKey: 'key', secretKey: 'secret' },
        },
      },
    );
  });

  test.each(['store.local:9000', 'https://store.local/bucket', 'https://key:secret@store.local', 's3://bucket'])(
    'the endpoint is a server: %s is none',
    (endpoint) => {
      expect(() => loadEnvironment(s3Environment, { S3_ENDPOINT: endpoint, ...KEYS })).toThrow(
        'S3_ENDPOINT must be http://host:port or https://host:port, without a path',
      );
    },
  );

  test('names every key that is missing', () => {
    expect(() => loadEnvironment(s3Environment, { S3_ENDPOINT: 'http://store', S3_ACCESS_KEY: '' })).toThrow(
      'S3_ACCESS_KEY must come with S3_ENDPOINT\n  S3_SECRET_KEY must come with S3_ENDPOINT',
    );
  });
});
