import { describe, expect, test } from 'vitest';
import { systemClock } from '#platform/clock/system-clock.ts';
import { anHttpServer, type HeardRequest } from '#test/an-http-server.ts';
import { eventually } from '#test/eventually.ts';
import { HandedOverCredentials } from './handed-over-credentials.ts';
import { S3ObjectStore } from './s3-object-store.ts';

const INITIATED = '<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>';
const COMPLETED =
  '<CompleteMultipartUploadResult><Location>/</Location><Bucket>b</Bucket><Key>k</Key><ETag>e</ETag></CompleteMultipartUploadResult>';

const refusal = (code: string) => `<Error><Code>${code}</Code></Error>`;

/** Access key that a request is signed with, in its URL or, by the library, in a header. */
const keyOf = ({ path, authorization }: HeardRequest): string =>
  /Credential=([^%/]+)/.exec(`${path} ${authorization}`)?.[1] ?? '';

function aStore(url: string) {
  const held = new HandedOverCredentials({ clock: systemClock, patienceSeconds: 10 });
  const take = (accessKey: string, validSeconds = 3600) =>
    held.take({ accessKey, secretKey: 'secret', sessionToken: `token of ${accessKey}`, validSeconds });
  take('first');
  const store = new S3ObjectStore({
    endpoint: new URL(url),
    region: 'us-east-1',
    credentials: held,
    bucket: 'results',
    prefix: '',
    retry: { firstPauseMs: 1, longestPauseMs: 1, forMs: 10_000, clock: systemClock, random: Math.random },
    timeoutMs: 5000,
    partBytes: 10,
  });
  return { store, held, take };
}

describe('an S3 store whose credentials end', () => {
  test.each([
    {
      name: 'a put',
      status: 400,
      code: 'ExpiredToken',
      act: (store: S3ObjectStore) => store.put('key', new Uint8Array(3)),
    },
    { name: 'a get', status: 403, code: 'InvalidTokenId', act: (store: S3ObjectStore) => store.get('key') },
    { name: 'a list', status: 403, code: 'InvalidAccessKeyId', act: (store: S3ObjectStore) => store.list('') },
  ])('makes $name again with those that come', async ({ status, code, act }) => {
    await using server = await anHttpServer((request) =>
      keyOf(request) === 'first'
        ? { status, body: refusal(code) }
        : { status: 200, body: '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>' },
    );
    const { store, held, take } = aStore(server.url);
    const done = act(store);
    await eventually('they are found to have ended', () => held.secondsLeft === 0);
    take('second');
    await done;
    expect(server.requests.map(keyOf)).toEqual(['first', 'second']);
    expect(
      server.requests.map(({ path }) => new URL(path, server.url).searchParams.get('X-Amz-Security-Token')),
    ).toEqual(['token of first', 'token of second']);
  });

  test('begins an upload in parts again', async () => {
    await using server = await anHttpServer((request) => {
      if (keyOf(request) === 'first') return { status: 400, body: refusal('ExpiredToken') };
      return { status: 200, body: request.path.includes('uploadId=') ? COMPLETED : INITIATED };
    });
    const { store, held, take } = aStore(server.url);
    const done = store.put('key', new Uint8Array(11));
    await eventually('they are found to have ended', () => held.secondsLeft === 0);
    take('second');
    await done;
    expect(server.requests.map(({ method }) => method)).toEqual(['POST', 'POST', 'PUT', 'PUT', 'POST']);
  });

  test('takes a refusal without a reason for their end only when their time is over', async () => {
    await using server = await anHttpServer((request) => ({
      status: keyOf(request) === 'second' ? 404 : 403,
      body: '',
    }));
    const { store, held, take } = aStore(server.url);
    await expect(store.head('key')).rejects.toMatchObject({ code: 'STORE_REFUSED', status: 403 });
    take('over', 0);
    const done = store.head('key');
    await eventually('they are found to have ended', () => server.requests.map(keyOf).includes('over'));
    expect(held.secondsLeft).toBe(0);
    take('second');
    expect(await done).toBeUndefined();
  });
});

test('an upload in parts that is forbidden is not tried again', async () => {
  await using server = await anHttpServer(() => ({ status: 403, body: refusal('AccessDenied') }));
  await expect(aStore(server.url).store.put('key', new Uint8Array(11))).rejects.toMatchObject({
    code: 'STORE_REFUSED',
    message: expect.stringContaining('403 AccessDenied; check the access key'),
  });
  expect(server.requests).toHaveLength(1);
});
