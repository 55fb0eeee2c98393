import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'minio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#platform/clock/system-clock.ts';
import { fixedCredentials } from '#platform/objects/s3-credentials.ts';
import { S3ObjectStore, type S3ObjectStoreOptions } from '#platform/objects/s3-object-store.ts';
import { eventually } from '#test/eventually.ts';
import { testsObjectStore } from '#test/object-store-conformance.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { type S3, startS3 } from '#test/servers/s3.ts';

const MIB = 2 ** 20;

for (const kind of ['versitygw', 'minio'] as const)
  await describeWithServers(`S3 on ${kind}`, [kind], () => {
    let server: S3;
    beforeAll(async () => {
      server = await startS3(kind);
    }, 60_000);
    afterAll(() => server[Symbol.asyncDispose]());

    async function aBucket(changes: Partial<S3ObjectStoreOptions> = {}): Promise<S3ObjectStore> {
      const { hostname, port } = new URL(server.endpoint);
      const client = new Client({
        endPoint: hostname,
        port: Number(port),
        useSSL: false,
        region: server.region,
        accessKey: server.accessKeyId,
        secretKey: server.secretAccessKey,
        retryOptions: { disableRetry: true },
      });
      const bucket = `test-${randomUUID()}`;
      // MinIO says that it is ready a moment before it is.
      await eventually('there is a bucket', () =>
        client.makeBucket(bucket).then(
          () => true,
          () => false,
        ),
      );
      return new S3ObjectStore({
        endpoint: new URL(server.endpoint),
        region: server.region,
        credentials: fixedCredentials({ accessKey: server.accessKeyId, secretKey: server.secretAccessKey }),
        bucket,
        prefix: 'pentafold/',
        retry: { firstPauseMs: 50, longestPauseMs: 500, forMs: 15_000, clock: systemClock, random: Math.random },
        timeoutMs: 10_000,
        partBytes: 5 * MIB,
        ...changes,
      });
    }

    testsObjectStore(`S3 on ${kind}`, async () => ({
      store: await aBucket(),
      async [Symbol.asyncDispose]() {},
    }));

    describe('an S3 store', () => {
      test('keeps an object that is sent in parts, whole', async () => {
        const store = await aBucket();
        const bytes = new Uint8Array(randomBytes(12 * MIB + 7));
        await store.put('weights.safetensors', bytes);
        const found = await store.get('weights.safetensors');
        expect(found !== undefined && Buffer.compare(found, bytes)).toBe(0);
        expect(await store.head('weights.safetensors')).toMatchObject({ bytes: bytes.length });
      });

      test.each([
        { name: 'an hour ahead', byMinutes: 60 },
        { name: 'two hours behind', byMinutes: -120 },
      ])('takes requests of a machine whose clock is $name', async ({ byMinutes }) => {
        const clock = { ...systemClock, now: () => new Date(Date.now() + byMinutes * 60_000) };
        const retry = { firstPauseMs: 1, longestPauseMs: 10, forMs: 15_000, clock, random: Math.random };
        const store = await aBucket({ retry });
        const keys = Array.from({ length: 8 }, (_, i) => `key-${i}`);
        await Promise.all(keys.map((key) => store.put(key, Uint8Array.of(1))));
        expect(await store.list('')).toEqual(keys);
        expect(await store.putIfAbsent('key-0', new Uint8Array())).toBe(false);
        await store.put('in-parts', new Uint8Array(6 * MIB));
        expect(await store.head('in-parts')).toMatchObject({ bytes: 6 * MIB });
      });

      test('lists more keys than a page of the store holds', async () => {
        const store = await aBucket();
        const keys = Array.from({ length: 1100 }, (_, i) => `steps/begun/${String(i).padStart(4, '0')}`);
        for (let i = 0; i < keys.length; i += 50)
          await Promise.all(keys.slice(i, i + 50).map((key) => store.put(key, new Uint8Array())));
        expect(await store.list('steps/')).toEqual(keys);
      });

      test.each(['a b', 'a+b', 'a%20b', 'größe', "it's", 'a&b=c?d#e'])('takes %j as a key', async (key) => {
        const store = await aBucket();
        await store.put(key, Uint8Array.of(1));
        expect(await store.get(key)).toEqual(Uint8Array.of(1));
        expect(await store.list('')).toEqual([key]);
      });

      test('waits for a store that is away, and loses nothing', async () => {
        const store = await aBucket();
        await store.put('before', Uint8Array.of(1));
        await server.kill();
        const put = store.put('after', Uint8Array.of(2));
        const got = store.get('before');
        const taken = store.putIfAbsent('manifest.json', Uint8Array.of(3));
        await server.restart();
        await put;
        expect(await got).toEqual(Uint8Array.of(1));
        expect(await taken).toBe(true);
        expect(await store.list('')).toEqual(['after', 'before', 'manifest.json']);
      });

      test('that stays away is named, after as long as was to be waited', async () => {
        const store = await aBucket({
          retry: { firstPauseMs: 1, longestPauseMs: 10, forMs: 100, clock: systemClock, random: Math.random },
        });
        await server.kill();
        await expect(store.get('key')).rejects.toMatchObject({
          code: 'STORE_UNREACHABLE',
          message: expect.stringContaining(server.endpoint),
        });
        await server.restart();
      });

      test('names a bucket that is not there, at once', async () => {
        const store = await aBucket({ bucket: `none-${randomUUID()}` });
        await expect(store.put('key', Uint8Array.of(1))).rejects.toMatchObject({
          code: 'STORE_REFUSED',
          message: expect.stringMatching(/404 NoSuchBucket; check the name of the bucket/),
        });
      });
    });
  });
