import { writeFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '#test/manual-clock.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { ServiceAccountLogin } from './service-account-login.ts';

describe('ServiceAccountLogin', () => {
  test.each([
    { host: '10.0.0.1', port: '6443', want: 'https://10.0.0.1:6443' },
    { host: 'fd00::1', port: undefined, want: 'https://[fd00::1]:443' },
  ])('finds the API server at $want', ({ host, port, want }) => {
    const env = { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port };
    expect(new ServiceAccountLogin(env, new ManualClock()).getCurrentCluster().server).toBe(want);
  });

  test('shows the token of the account, and its successor within a minute', async () => {
    await using folder = await temporaryFolder();
    const clock = new ManualClock();
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', SERVICE_ACCOUNT_FOLDER: folder.path };
    const login = new ServiceAccountLogin(env, clock);
    const write = (token: string) => writeFile(join(folder.path, 'token'), token);
    const shown = async () => {
      const options: RequestOptions = { headers: { accept: 'application/json' } };
      await login.applyToHTTPSOptions(options);
      return options;
    };
    await writeFile(join(folder.path, 'ca.crt'), 'certificate');
    await write('first\n');
    const headers = { accept: 'application/json', authorization: 'Bearer first' };
    expect(await shown()).toEqual({ ca: 'certificate', headers });
    await write('second');
    clock.advance(59_999);
    expect(await shown()).toMatchObject({ headers });
    clock.advance(1);
    expect(await shown()).toMatchObject({ headers: { authorization: 'Bearer second' } });
  });

  test('there is none outside of a pod', () => {
    expect(() => new ServiceAccountLogin({}, new ManualClock())).toThrow('elsewhere KUBECONFIG must name a file');
  });
});
