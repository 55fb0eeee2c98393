import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { type S3, startS3 } from '#test/servers/s3.ts';

for (const kind of ['versitygw', 'minio'] as const) {
  await describeWithServers(`${kind} for tests`, [kind], () => {
    it('keeps an object through a hard kill, and comes back on the same port', async () => {
      await using s3 = await startS3(kind);
      await request(s3, 'PUT', 'bucket');
      await request(s3, 'PUT', 'bucket/folder/object', 'its bytes');

      await s3.kill();
      await expect(request(s3, 'GET', 'bucket/folder/object')).rejects.toThrow('connect');

      await s3.restart();
      expect(await request(s3, 'GET', 'bucket/folder/object')).toBe('its bytes');
    });

    it('lets nobody in who has another key', async () => {
      await using s3 = await startS3(kind);
      const stranger = { ...s3, secretAccessKey: 'a guess' };
      await expect(request(stranger, 'PUT', 'bucket')).rejects.toThrow('403');
    });
  });
}

/** One signed request, by curl: the test is about the server, not about a client. */
async function request(
  { endpoint, region, accessKeyId, secretAccessKey }: S3,
  method: 'GET' | 'PUT',
  path: string,
  body = '',
): Promise<string> {
  const { stdout } = await promisify(execFile)('curl', [
    ...['--silent', '--show-error', '--fail', '--aws-sigv4', `aws:amz:${region}:s3`],
    // This curl does not add the header, which S3 asks for, on its own.
    ...['--header', 'x-amz-content-sha256: UNSIGNED-PAYLOAD'],
    ...['--user', `${accessKeyId}:${secretAccessKey}`, '--request', method],
    ...(method === 'PUT' ? ['--data-binary', body] : []),
    `${endpoint}/${path}`,
  ]);
  return stdout;
}
