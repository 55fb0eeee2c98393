import { describe, expect, test } from 'vitest';
import { loadNatsConfig } from './nats-config.ts';

describe('loadNatsConfig', () => {
  test('is complete when nothing is set', () => {
    const want = {
      stream: 'pentafold',
      limits: {
        maxAgeHours: 720,
        maxMebibytes: 256,
        maxMessagesPerSubject: 20_000,
        duplicateWindowMinutes: 10,
        replicas: 1,
      },
      credentials: { kind: 'none' },
      tls: { authorityFile: null, own: null },
    };
    expect(loadNatsConfig({})).toEqual(want);
    expect(loadNatsConfig({ NATS_STREAM: '', NATS_MAX_AGE_HOURS: '', NATS_CREDS_FILE: '', NATS_CA_FILE: '' })).toEqual(
      want,
    );
  });

  test.each([
    { env: { NATS_CREDS_FILE: '/c' }, want: { kind: 'creds', file: '/c' } },
    { env: { NATS_TOKEN_FILE: '/t' }, want: { kind: 'token', file: '/t' } },
    {
      env: { NATS_USER_FILE: '/u', NATS_PASSWORD_FILE: '/p' },
      want: { kind: 'user', userFile: '/u', passwordFile: '/p' },
    },
  ])('takes credentials of kind $want.kind', ({ env, want }) => {
    expect(loadNatsConfig(env).credentials).toEqual(want);
  });

  test('takes certificates and limits', () => {
    expect(
      loadNatsConfig({
        NATS_CA_FILE: '/ca',
        NATS_CERTIFICATE_FILE: '/crt',
        NATS_KEY_FILE: '/key',
        NATS_REPLICAS: '3',
        NATS_MAX_MEBIBYTES: '64',
      }),
    ).toMatchObject({
      limits: { replicas: 3, maxMebibytes: 64 },
      tls: { authorityFile: '/ca', own: { certificateFile: '/crt', keyFile: '/key' } },
    });
  });

  test('names all problems at once, also those that lie between variables', () => {
    const load = () =>
      loadNatsConfig({
        NATS_STREAM: 'a.b',
        NATS_REPLICAS: '2',
        NATS_MAX_MEBIBYTES: '0',
        NATS_MAX_AGE_HOURS: '1',
        NATS_DUPLICATE_WINDOW_MINUTES: '61',
        NATS_CREDS_FILE: '/c',
        NATS_TOKEN_FILE: '/t',
        NATS_USER_FILE: '/u',
        NATS_KEY_FILE: '/k',
      });
    for (const problem of [
      'NATS_STREAM must be 1 to 32 letters, digits, _ or -',
      'NATS_REPLICAS must be one of 1, 3, 5',
      'NATS_MAX_MEBIBYTES must be a whole number of at least 1',
      'NATS_USER_FILE must come with NATS_PASSWORD_FILE',
      'NATS_KEY_FILE must come with NATS_CERTIFICATE_FILE',
      'NATS_CREDS_FILE is one way to show who one is, beside NATS_TOKEN_FILE and NATS_USER_FILE: set one of them',
      'NATS_DUPLICATE_WINDOW_MINUTES must not be longer than NATS_MAX_AGE_HOURS',
    ]) {
      expect(load).toThrow(problem);
    }
    expect(() => loadNatsConfig({ NATS_PASSWORD_FILE: '/p' })).toThrow(
      'NATS_PASSWORD_FILE must come with NATS_USER_FILE',
    );
    expect(() => loadNatsConfig({ NATS_CERTIFICATE_FILE: '/c' })).toThrow(
      'NATS_CERTIFICATE_FILE must come with NATS_KEY_FILE',
    );
  });
});
