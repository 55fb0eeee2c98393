// The way of a pod to the API server, as its service account. The client library knows it too, but to load it takes 70 MiB
// of memory, since it brings every kind of Kubernetes; a controller is to do with twice that.

import { readFile } from 'node:fs/promises';
import type { RequestOptions } from 'node:https';
import { join } from 'node:path';
import type { Clock } from '../clock/clock.ts';
import type { ApiLogin } from './http-connection.ts';

/** Where Kubernetes puts the token and the authority's certificate of a pod's account. */
const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The token is renewed a good while before it ends. */
const READ_EVERY_MS = 60_000;

interface Account {
  readonly readMs: number;
  readonly authority: string;
  readonly token: string;
}

export class ServiceAccountLogin implements ApiLogin {
  readonly #server: string;
  readonly #folder: string;
  readonly #clock: Clock;
  #account: Account | null = null;

  /**
   * @param env of the pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT; SERVICE_ACCOUNT_FOLDER for an account whose
   *   files are elsewhere.
   * @throws {RangeError} outside of a pod.
   */
  constructor(env: Readonly<Record<string, string | undefined>>, clock: Clock) {
    const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
    if (!host)
      throw new RangeError(
        'KUBERNETES_SERVICE_HOST is not set, as it is in a pod; elsewhere KUBECONFIG must name a file',
      );
    this.#server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
    this.#folder = env.SERVICE_ACCOUNT_FOLDER || FOLDER;
    this.#clock = clock;
  }

  getCurrentCluster(): { readonly server: string } {
    return { server: this.#server };
  }

  async applyToHTTPSOptions(options: RequestOptions): Promise<void> {
    const { authority, token } = await this.#current();
    options.ca = authority;
    options.headers = { ...options.headers, authorization: `Bearer ${token}` } as NonNullable<
      RequestOptions['headers']
    >;
  }

  async #current(): Promise<Account> {
    const nowMs = this.#clock.now().getTime();
    const known = this.#account;
    if (known !== null && Math.abs(nowMs - known.readMs) < READ_EVERY_MS) return known;
    const [authority, token] = await Promise.all(['ca.crt', 'token'].map((file) => this.#read(file)));
    this.#account = { readMs: nowMs, authority: authority ?? '', token: (token ?? '').trim() };
    return this.#account;
  }

  #read = (file: string): Promise<string> => readFile(join(this.#folder, file), 'utf8');
}
