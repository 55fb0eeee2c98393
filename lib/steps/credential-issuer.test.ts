import { expect, test } from 'vitest';
import { systemClock } from '#platform/clock/system-clock.ts';
import { anHttpServer } from '#test/an-http-server.ts';
import { CredentialIssuer } from './credential-issuer.ts';

const ISSUED = `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>key</AccessKeyId>
  <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>
  <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

const RESULTS = { kind: 's3' as const, bucket: 'results', prefix: 'research/' };

function issuerAt(url: string): CredentialIssuer {
  const endpoint = new URL(url);
  const s3 = { endpoint, region: 'us-east-1', keys: { accessKey: 'key', secretKey: 'secret' } };
  return new CredentialIssuer({ objects: RESULTS, s3, sts: { endpoint, roleArn: '' }, clock: systemClock });
}

test('a store that lets their bearer delete what is not its own is found out', async () => {
  await using server = await anHttpServer(({ method }) =>
    method === 'POST' ? { status: 200, body: ISSUED } : { status: method === 'GET' ? 404 : 204, body: '' },
  );
  await expect(issuerAt(server.url).check()).rejects.toMatchObject({
    code: 'STORE_RIGHTS_NOT_KEPT',
    message: expect.stringContaining(`the object store at ${server.url} does not hold`),
  });
  // Of a step that there is not: nothing is lost by it.
  expect(server.requests.at(-1)?.path).toMatch(/^\/results\/research\/steps\/f{64}\/manifest\.json\?/);
});

test('a store that refuses them what they need is named', async () => {
  await using server = await anHttpServer(({ method }) =>
    method === 'POST' ? { status: 200, body: ISSUED } : { status: 403, body: '' },
  );
  await expect(issuerAt(server.url).check()).rejects.toMatchObject({ code: 'STORE_REFUSED', status: 403 });
});

test('credentials are made with keys', () => {
  const endpoint = new URL('http://store');
  const s3 = { endpoint, region: 'us-east-1', keys: null };
  const options = { objects: RESULTS, s3, sts: { endpoint, roleArn: '' }, clock: systemClock };
  expect(() => new CredentialIssuer(options)).toThrow('set S3_ACCESS_KEY');
});
