import { describe, expect, test } from 'vitest';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { examineStore } from './examine-cluster.ts';

const examined = async (checkCredentials: (() => Promise<void>) | null) => {
  const findings = await examineStore(() => ({ store: new MemoryObjectStore(), partBytes: 10, checkCredentials }));
  return findings.filter(({ name }) => name === 'store credentials of workers');
};

describe('examineStore', () => {
  test('does not speak of credentials for workers where there are none', async () => {
    expect(await examined(null)).toEqual([]);
  });

  test('tries credentials for workers where the controller would', async () => {
    expect(await examined(async () => {})).toMatchObject([{ level: 'ok' }]);
    expect(await examined(() => Promise.reject(new Error('403 AccessDenied')))).toMatchObject([
      { level: 'fault', detail: '403 AccessDenied' },
    ]);
  });
});
