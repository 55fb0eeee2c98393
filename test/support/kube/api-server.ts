// A real kube-apiserver with its etcd, for one test file: no scheduler, no controllers, no nodes.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { temporaryFolder } from '../temporary-folder.ts';

const VERSION = '1.35.4';
const CACHE = process.env.PENTAFOLD_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pentafold');
const BINARIES = join(CACHE, 'servers', `kubernetes-${VERSION}`);

const KUBECTL = join(BINARIES, 'kubectl');

/** A `describe` whose tests need the API server: skipped with its reason where it is not built, unless REQUIRE_SERVERS=1. */
export function describeWithApiServer(title: string, tests: () => void): void {
  if (existsSync(BINARIES) || process.env.REQUIRE_SERVERS === '1') describe(title, tests);
  else describe(`${title} (skipped: no kube-apiserver ${VERSION})`, () => it.skip('runs', () => {}));
}

export interface ApiServer extends AsyncDisposable {
  /** Path of a kubeconfig of one who may do everything. */
  readonly kubeconfig: string;
  /** What `kubectl` says. Rejects with what it says of a failure. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  readonly apiServer: {
    /** Ends it without a word; what was stored stays. */
    kill(): Promise<void>;
    /** Starts it again at the same address, and waits until it answers. */
    restart(): Promise<void>;
  };
}

const TOKEN = 'of-a-test-that-ends-with-its-server';

export async function startApiServer(): Promise<ApiServer> {
  const folder = await temporaryFolder();
  const path = (name: string) => join(folder.path, name);
  const [port, etcdPort, peerPort] = await freePorts(3);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(path('sa.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(path('sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  await writeFile(path('tokens.csv'), `${TOKEN},admin,admin,system:masters\n`);

  const etcd = await spawned('etcd', path('etcd.log'), [
    `--data-dir=${path('etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${etcdPort}`,
    `--advertise-client-urls=http://127.0.0.1:${etcdPort}`,
    `--listen-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peerPort}`,
    `--initial-cluster=default=http://127.0.0.1:${peerPort}`,
    '--unsafe-no-fsync',
  ]);
  const startServer = async () => {
    const started = await spawned('kube-apiserver', path('apiserver.log'), [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${port}`,
      '--endpoint-reconciler-type=none',
      '--authorization-mode=RBAC',
      `--token-auth-file=${path('tokens.csv')}`,
      `--cert-dir=${path('certificates')}`,
      `--service-account-key-file=${path('sa.pub')}`,
      `--service-account-signing-key-file=${path('sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      '--service-cluster-ip-range=10.96.0.0/16',
    ]);
    await ready(started, Number(port), path('apiserver.log'));
    return started;
  };
  let server = await startServer();

  await writeFile(
    path('kubeconfig'),
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'test',
          cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority': path('certificates/apiserver.crt') },
        },
      ],
      users: [{ name: 'admin', user: { token: TOKEN } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
      'current-context': 'test',
    }),
  );
  return {
    kubeconfig: path('kubeconfig'),
    kubectl: (args, stdin) => kubectl(path('kubeconfig'), args, stdin),
    apiServer: {
      kill: () => end(server),
      async restart() {
        await end(server);
        server = await startServer();
      },
    },
    async [Symbol.asyncDispose]() {
      await end(server);
      await end(etcd);
      await folder[Symbol.asyncDispose]();
    },
  };
}

function kubectl(kubeconfig: string, args: readonly string[], stdin = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(KUBECTL, [`--kubeconfig=${kubeconfig}`, ...args], (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr, { cause: error }));
    });
    child.stdin?.end(stdin);
  });
}

async function spawned(binary: string, log: string, args: readonly string[]): Promise<ChildProcess> {
  const file = await open(log, 'a');
  try {
    return spawn(join(BINARIES, binary), args, { stdio: ['ignore', file.fd, file.fd] });
  } finally {
    await file.close();
  }
}

async function end(process: ChildProcess): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = once(process, 'exit');
  process.kill('SIGKILL');
  await ended;
}

async function ready(process: ChildProcess, port: number, log: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (!(await isReady(port))) {
    if (process.exitCode !== null || Date.now() > deadline) {
      throw new Error(`the API server did not start:\n${(await readFile(log, 'utf8')).slice(-2000)}`);
    }
    await setTimeout(100);
  }
}

const isReady = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const headers = { authorization: `Bearer ${TOKEN}` };
    // Its certificate is made by itself at the start, so there is none to check it with yet.
    request(
      { host: '127.0.0.1', port, path: '/readyz', headers, rejectUnauthorized: false, agent: false },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    )
      .on('error', () => resolve(false))
      .end();
  });

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => Number(Object(server.address()).port));
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
