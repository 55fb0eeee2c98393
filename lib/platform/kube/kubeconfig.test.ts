import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { clusterLogin, KubeconfigUnusableError } from './kubeconfig.ts';

const NOTHING_CHOSEN = { context: null, namespace: null };

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** A kubeconfig with one context per name, the first of them current unless said. */
async function kubeconfig(file: string, names: readonly string[], current = names[0]): Promise<string> {
  const path = join(folder.path, file);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.${file}:6443` } })),
    users: names.map((name) => ({ name, user: { token: 'secret' } })),
    contexts: names.map((name) => ({ name, context: { cluster: name, user: name, namespace: `ns-${name}` } })),
    'current-context': current,
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

describe('clusterLogin', () => {
  test('takes the current context and its namespace', async () => {
    const KUBECONFIG = await kubeconfig('one', ['a', 'b']);
    expect(clusterLogin({ KUBECONFIG }, NOTHING_CHOSEN).address).toEqual({
      context: 'a',
      server: 'https://a.one:6443',
      namespace: 'ns-a',
    });
  });

  test('lets a person choose another context and namespace', async () => {
    const KUBECONFIG = await kubeconfig('one', ['a', 'b']);
    const { address } = clusterLogin({ KUBECONFIG }, { context: 'b', namespace: 'mine' });
    expect(address).toEqual({ context: 'b', server: 'https://b.one:6443', namespace: 'mine' });
  });

  test('of several files the first to name something is right, and missing ones are passed over', async () => {
    const files = [join(folder.path, 'missing'), await kubeconfig('one', ['a']), await kubeconfig('two', ['b', 'a'])];
    const env = { KUBECONFIG: files.join(':') };
    expect(clusterLogin(env, NOTHING_CHOSEN).address.server).toBe('https://a.one:6443');
    expect(clusterLogin(env, { context: 'b', namespace: null }).address.server).toBe('https://b.two:6443');
  });

  test('without KUBECONFIG reads that of the home folder', async () => {
    await mkdir(join(folder.path, '.kube'));
    await kubeconfig('.kube/config', ['a']);
    expect(clusterLogin({ HOME: folder.path }, NOTHING_CHOSEN).address.context).toBe('a');
  });

  test('refuses, and says what is missing', async () => {
    const broken = join(folder.path, 'broken');
    await writeFile(broken, 'clusters: [');
    const noCurrent = await kubeconfig('none', ['a'], '');
    const cases: readonly (readonly [env: Record<string, string>, context: string | null, message: string])[] = [
      [{ HOME: folder.path }, null, 'there is no kubeconfig: neither KUBECONFIG is set'],
      [{ KUBECONFIG: join(folder.path, 'missing') }, null, 'which is not there'],
      [{ KUBECONFIG: broken }, null, `cannot read the kubeconfig ${broken}: `],
      [{ KUBECONFIG: noCurrent }, null, 'no current context; choose one with --context: a'],
      [{ KUBECONFIG: noCurrent }, 'c', "no context 'c' with a cluster; it has a"],
    ];
    for (const [env, context, message] of cases) {
      const login = () => clusterLogin(env, { context, namespace: null });
      expect(login).toThrow(message);
      expect(login).toThrow(KubeconfigUnusableError);
    }
  });
});
