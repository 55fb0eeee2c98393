import { describe, expect, test } from 'vitest';
import { systemClock } from '#platform/clock/system-clock.ts';
import { anHttpServer } from '#test/an-http-server.ts';
import { SecurityTokenService } from './security-token-service.ts';

const NO_RIGHTS = { read: [], write: [], put: [] };

const serviceAt = (url: string, timeoutMs = 5000): SecurityTokenService =>
  new SecurityTokenService({
    endpoint: new URL(url),
    region: 'us-east-1',
    keys: { accessKey: 'key', secretKey: 'secret-of-a-test' },
    roleArn: 'arn:aws:iam::1:role/worker',
    validSeconds: 3600,
    timeoutMs,
    clock: systemClock,
  });

describe('SecurityTokenService', () => {
  test('asks for a session of the role, with the rights as its policy', async () => {
    await using server = await anHttpServer(() => ({ status: 200, body: '<html/>' }));
    await serviceAt(server.url)
      .issue('step-1', NO_RIGHTS)
      .catch(() => {});
    const asked = new URLSearchParams(server.requests[0]?.body);
    expect(Object.fromEntries(asked)).toMatchObject({
      Action: 'AssumeRole',
      DurationSeconds: '3600',
      RoleArn: 'arn:aws:iam::1:role/worker',
      RoleSessionName: 'step-1',
    });
    expect(JSON.parse(asked.get('Policy') ?? '')).toMatchObject({ Version: '2012-10-17' });
    expect(JSON.stringify(server.requests)).not.toContain('secret-of-a-test');
  });

  test.each([
    { status: 503, body: '<Error><Code>SlowDown</Code></Error>', mayPass: true, want: '503 SlowDown' },
    {
      status: 403,
      body: '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>',
      mayPass: false,
      want: '403 AccessDenied',
    },
    { status: 405, body: '', mayPass: false, want: '405' },
    { status: 200, body: '<html>console</html>', mayPass: false, want: 'the answer is none to AssumeRole' },
  ])('that answers $status $body is named', async ({ status, body, mayPass, want }) => {
    await using server = await anHttpServer(() => ({ status, body }));
    await expect(serviceAt(server.url).issue('step-1', NO_RIGHTS)).rejects.toMatchObject({
      code: 'STORE_CREDENTIALS_REFUSED',
      message: `S3_STS_ENDPOINT ${server.url} gave no temporary credentials: ${want}`,
      mayPass,
    });
  });

  test.each([
    { kib: 64, want: 'the answer is none to AssumeRole' },
    { kib: 65, want: 'the answer is longer than 64 KiB' },
  ])('that answers $kib KiB is not listened to for ever', async ({ kib, want }) => {
    await using server = await anHttpServer(() => ({ status: 200, body: 'x'.repeat(kib * 1024) }));
    await expect(serviceAt(server.url).issue('step-1', NO_RIGHTS)).rejects.toThrow(want);
  });

  test('that does not answer in time may do so later', async () => {
    await using server = await anHttpServer(() => null);
    await expect(serviceAt(server.url, 50).issue('step-1', NO_RIGHTS)).rejects.toMatchObject({ mayPass: true });
  });
});
