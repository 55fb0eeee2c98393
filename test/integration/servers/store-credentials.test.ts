// What a worker's credentials open of a real store, and what they do not.

import { randomBytes } from 'node:crypto';
import { Client } from 'minio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '#platform/clock/system-clock.ts';
import { HandedOverCredentials, type TemporaryCredentials } from '#platform/objects/handed-over-credentials.ts';
import { type CredentialSource, fixedCredentials } from '#platform/objects/s3-credentials.ts';
import { S3ObjectStore } from '#platform/objects/s3-object-store.ts';
import type { S3Address } from '#platform/objects/s3-rights.ts';
import { CredentialIssuer } from '#steps/credential-issuer.ts';
import { stepDigest } from '#steps/step.ts';
import { attemptPrefix, begunPrefix, descriptionKey, manifestKey, outputKey } from '#steps/step-keys.ts';
import { StepStore } from '#steps/step-store.ts';
import { aStep } from '#test/a-step.ts';
import { eventually } from '#test/eventually.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { type S3, startS3 } from '#test/servers/s3.ts';

const MIB = 2 ** 20;
const RESULTS: S3Address = { kind: 's3', bucket: 'results', prefix: 'research/' };
const DATA: S3Address = { kind: 's3', bucket: 'data', prefix: 'hippocampus/' };
const STEP = stepDigest(aStep().identity);
const OTHER_STEP = 'e'.repeat(64);
const BYTES = Uint8Array.of(1, 2, 3);
const described = { datasetUri: 's3://data/hippocampus', pretrainedWeightsUri: null };

const keysOf = ({ accessKeyId, secretAccessKey }: S3) => ({ accessKey: accessKeyId, secretKey: secretAccessKey });

function issuerOf(server: S3): CredentialIssuer {
  const endpoint = new URL(server.endpoint);
  const s3 = { endpoint, region: server.region, keys: keysOf(server) };
  return new CredentialIssuer({ objects: RESULTS, s3, sts: { endpoint, roleArn: '' }, clock: systemClock });
}

const storeAt = (server: S3, address: S3Address, credentials: CredentialSource): S3ObjectStore =>
  new S3ObjectStore({
    endpoint: new URL(server.endpoint),
    region: server.region,
    credentials,
    ...address,
    retry: { firstPauseMs: 50, longestPauseMs: 500, forMs: 15_000, clock: systemClock, random: Math.random },
    timeoutMs: 10_000,
    partBytes: 5 * MIB,
  });

async function makeBuckets(server: S3, names: readonly string[]): Promise<void> {
  const { hostname, port } = new URL(server.endpoint);
  const at = { endPoint: hostname, port: Number(port), useSSL: false, region: server.region };
  const client = new Client({ ...at, ...keysOf(server) });
  // MinIO says that it is ready a moment before it is.
  for (const name of names)
    await eventually('there is a bucket', () =>
      client.makeBucket(name).then(
        () => true,
        () => false,
      ),
    );
}

/** A worker that was handed these. */
function handed(credentials: TemporaryCredentials): HandedOverCredentials {
  const held = new HandedOverCredentials({ clock: systemClock, patienceSeconds: 10 });
  held.take(credentials);
  return held;
}

await describeWithServers('credentials of attempts on MinIO', ['minio'], () => {
  let server: S3;
  let owner: S3ObjectStore;
  /** Of attempt 2 at the step. */
  let worker: S3ObjectStore;
  let data: S3ObjectStore;
  beforeAll(async () => {
    server = await startS3('minio');
    await makeBuckets(server, ['results', 'data', 'private']);
    owner = storeAt(server, RESULTS, fixedCredentials(keysOf(server)));
    const held = handed(await issuerOf(server).issue(STEP, 2, described));
    worker = storeAt(server, RESULTS, held);
    data = storeAt(server, DATA, held);
    await new StepStore(owner).describe(aStep());
    await owner.put(outputKey(OTHER_STEP, 1, 'final.safetensors'), BYTES);
    await owner.put(outputKey(STEP, 1, 'final.safetensors'), BYTES);
    await owner.put(`${attemptPrefix(STEP, 1)}checkpoints/1/reference.json`, BYTES);
    await storeAt(server, DATA, fixedCredentials(keysOf(server))).put('dataset.json', BYTES);
  }, 60_000);
  afterAll(() => server?.[Symbol.asyncDispose]());

  test('last an hour', async () => {
    const { validSeconds } = await issuerOf(server).issue(STEP, 2, described);
    expect(validSeconds).toBeGreaterThan(3500);
    expect(validSeconds).toBeLessThanOrEqual(3601);
  });

  describe('open', () => {
    test('results of any step, the description of the own one, and the data set', async () => {
      expect(await worker.get(outputKey(OTHER_STEP, 1, 'final.safetensors'))).toEqual(BYTES);
      expect(await new StepStore(worker).description(STEP)).toMatchObject({ title: aStep().title });
      expect(await data.get('dataset.json')).toEqual(BYTES);
      expect(await data.list('')).toEqual(['dataset.json']);
    });

    test('what is not there as what is not there', async () => {
      expect(await worker.get(manifestKey(OTHER_STEP))).toBeUndefined();
      expect(await worker.head(manifestKey(OTHER_STEP))).toBeUndefined();
      expect(await data.get('plans.json')).toBeUndefined();
      expect(await worker.list(begunPrefix(OTHER_STEP))).toEqual([]);
    });

    test('all that an attempt does: begin, save, take up an earlier checkpoint, finish, tidy up', async () => {
      const store = new StepStore(worker);
      await store.begin(STEP, 2);
      expect(await store.attempts(STEP)).toEqual([2]);
      await store.saveCheckpoint(STEP, 2, { iteration: 1, files: new Map([['a', BYTES]]), facts: null });
      await store.saveCheckpoint(STEP, 2, { iteration: 2, files: new Map([['a', BYTES]]), facts: null });
      expect(await store.latestCheckpoint(STEP)).toMatchObject({ iteration: 2, attempt: 2 });
      const output = store.attempt(STEP, 2);
      const large = new Uint8Array(randomBytes(12 * MIB));
      await output.write('final.safetensors', large);
      expect(await output.commit({ meanDice: 0.5 })).toBe('won');
      await store.removeInterim(STEP, [2]);
      expect(await owner.list(attemptPrefix(STEP, 2))).toEqual([outputKey(STEP, 2, 'final.safetensors')]);
    });
  });

  describe('refuse', () => {
    test.each<{ name: string; act: () => Promise<unknown> }>([
      {
        name: 'to write for an earlier attempt',
        act: () => worker.put(outputKey(STEP, 1, 'final.safetensors'), BYTES),
      },
      { name: 'to write for a later attempt', act: () => worker.put(outputKey(STEP, 3, 'x'), BYTES) },
      { name: 'to write for one that begins alike', act: () => worker.put(outputKey(STEP, 20, 'x'), BYTES) },
      { name: 'to write in parts elsewhere', act: () => worker.put(outputKey(STEP, 3, 'x'), new Uint8Array(6 * MIB)) },
      {
        name: 'to delete a checkpoint of another attempt',
        act: () => worker.delete(`${attemptPrefix(STEP, 1)}checkpoints/1/reference.json`),
      },
      { name: 'to begin for another attempt', act: () => worker.putIfAbsent(`${begunPrefix(STEP)}3`, BYTES) },
      { name: 'to finish another step', act: () => worker.putIfAbsent(manifestKey(OTHER_STEP), BYTES) },
      { name: 'to make the own step not done', act: () => new StepStore(worker).withdraw(STEP) },
      { name: 'to delete another step', act: () => worker.delete(outputKey(OTHER_STEP, 1, 'final.safetensors')) },
      { name: 'to change what the step is', act: () => worker.put(descriptionKey(STEP), BYTES) },
      { name: 'to write into the data set', act: () => data.put('dataset.json', BYTES) },
      { name: 'to write beside the installation', act: () => rootOf('results').put('x', BYTES) },
      { name: 'to read another installation', act: () => rootOf('results').get('clinic/x') },
      { name: 'to read another data set', act: () => rootOf('data').get('liver/dataset.json') },
      { name: 'to list another bucket', act: () => rootOf('private').list('') },
    ])('$name', async ({ act }) => {
      await expect(act()).rejects.toMatchObject({ message: expect.stringContaining('403 AccessDenied') });
    });

    const rootOf = (bucket: string) => {
      const credentials = { current: async () => handedNow, refused: () => false };
      return storeAt(server, { kind: 's3', bucket, prefix: '' }, credentials);
    };
    let handedNow: TemporaryCredentials;
    beforeAll(async () => {
      handedNow = await issuerOf(server).issue(STEP, 2, described);
    });
  });

  test('that the store does not know any more are asked for anew, and the request is made again', async () => {
    const issued = await issuerOf(server).issue(STEP, 2, described);
    const held = handed({ ...issued, accessKey: 'GONEGONEGONEGONEGONE' });
    const found = storeAt(server, RESULTS, held).get(outputKey(OTHER_STEP, 1, 'final.safetensors'));
    await eventually('the store has refused them', () => held.secondsLeft === 0);
    held.take(issued);
    expect(await found).toEqual(BYTES);
  });

  test('are tried at the start of a controller', async () => {
    await expect(issuerOf(server).check()).resolves.toBeUndefined();
  });

  test('are not given for keys that are wrong', async () => {
    const wrong = issuerOf({ ...server, secretAccessKey: 'not the secret' });
    await expect(wrong.check()).rejects.toMatchObject({
      code: 'STORE_CREDENTIALS_REFUSED',
      mayPass: false,
      message: expect.stringMatching(/^S3_STS_ENDPOINT http:\/\/127\.0\.0\.1:\d+ gave no temporary credentials: 403 /),
    });
  });
});

await describeWithServers('a store without temporary credentials', ['versitygw'], () => {
  test('is named at the start of a controller', async () => {
    await using server = await startS3('versitygw');
    await expect(issuerOf(server).check()).rejects.toMatchObject({
      code: 'STORE_CREDENTIALS_REFUSED',
      mayPass: false,
    });
  });
});
