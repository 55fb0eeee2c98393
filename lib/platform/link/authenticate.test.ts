import { expect, test } from 'vitest';
import { sharedToken } from './authenticate.ts';

const request = { step: 'a'.repeat(64), attempt: 1 };

test('whoever has the shared token is let in', async () => {
  expect(await sharedToken('secret')('secret', request)).toBeNull();
});

test.each(['', 'secre', 'secrets', 'SECRET'])('whoever sends %j instead hears why not', async (sent) => {
  expect(await sharedToken('secret')(sent, request)).toBe('the token is not the one of this controller');
});
