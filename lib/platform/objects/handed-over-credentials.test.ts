import { describe, expect, test } from 'vitest';
import { ManualClock } from '#test/manual-clock.ts';
import { HandedOverCredentials } from './handed-over-credentials.ts';

const issued = (accessKey: string) => ({ accessKey, secretKey: 'secret', sessionToken: 'token', validSeconds: 3600 });

function some() {
  const clock = new ManualClock();
  return { clock, held: new HandedOverCredentials({ clock, patienceSeconds: 60 }) };
}

describe('HandedOverCredentials', () => {
  test('who asks before they have come waits for them', async () => {
    const { held } = some();
    const asked = held.current();
    expect(held.secondsLeft).toBe(0);
    held.take(issued('first'));
    expect(await asked).toEqual({ accessKey: 'first', secretKey: 'secret', sessionToken: 'token' });
    expect(held.secondsLeft).toBe(3600);
  });

  test('who waits in vain hears so after as long as was to be waited, and later ones at once', async () => {
    const { clock, held } = some();
    const asked = held.current();
    clock.advance(60_000);
    await expect(asked).rejects.toMatchObject({
      code: 'STORE_CREDENTIALS_MISSING',
      message: expect.stringContaining('60 s'),
    });
    await expect(held.current()).rejects.toMatchObject({ code: 'STORE_CREDENTIALS_MISSING' });
    held.take(issued('late'));
    expect(await held.current()).toMatchObject({ accessKey: 'late' });
  });

  test('time is counted from when they came', () => {
    const { clock, held } = some();
    held.take(issued('first'));
    clock.advance(1_000_500);
    expect(held.secondsLeft).toBe(2599);
    clock.advance(3_600_000);
    expect(held.secondsLeft).toBe(0);
  });

  test('the newest are used, without a wait', async () => {
    const { held } = some();
    held.take(issued('first'));
    held.take(issued('second'));
    expect(await held.current()).toMatchObject({ accessKey: 'second' });
  });

  test.each(['ExpiredToken', 'InvalidTokenId', 'InvalidAccessKeyId'])(
    'after the store said %s they are none, until others come',
    async (s3Code) => {
      const { held } = some();
      held.take(issued('first'));
      expect(held.refused(await held.current(), s3Code)).toBe(true);
      expect(held.secondsLeft).toBe(0);
      const asked = held.current();
      held.take(issued('second'));
      expect(await asked).toMatchObject({ accessKey: 'second' });
    },
  );

  test('what they do not allow is refused for good, as long as they have not ended', async () => {
    const { clock, held } = some();
    held.take(issued('first'));
    const credentials = await held.current();
    expect(held.refused(credentials, 'AccessDenied')).toBe(false);
    expect(held.secondsLeft).toBe(3600);
    clock.advance(3_600_000);
    // The answer to a HEAD has no room for a reason.
    expect(held.refused(credentials, '')).toBe(true);
  });

  test('a refusal of earlier ones says nothing against those that came since', async () => {
    const { held } = some();
    held.take(issued('first'));
    const first = await held.current();
    held.take(issued('second'));
    expect(held.refused(first, 'ExpiredToken')).toBe(true);
    expect(await held.current()).toMatchObject({ accessKey: 'second' });
  });
});
