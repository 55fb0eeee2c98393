// One keep-alive pool of connections to the API server.
//
// The client library's own requests make a new TLS agent, and so a new connection, for every call; and its watch has no
// way to resume. It is used for what it is good at: kubeconfigs, service-account tokens, exec plugins, client certificates.

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import { KubeUnreachableError } from './kube-api-error.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
  /** Ends the request, also while its response is read. */
  readonly signal: AbortSignal;
}

/** Where the API server is, and what tells it who asks. Configurations of the client library are such. */
export interface ApiLogin {
  getCurrentCluster(): { readonly server: string; readonly proxyUrl?: string } | null;
  /** Adds to the options of a request. */
  applyToHTTPSOptions(options: RequestOptions): Promise<void>;
}

/** Probes of an idle connection start after this long: a machine that is gone without a word is noticed by the system. */
const KEEP_ALIVE_MS = 30_000;

/** The way to one API server as one user. */
export class HttpConnection implements Disposable {
  readonly #login: ApiLogin;
  readonly #server: URL;
  readonly #agent: HttpAgent | HttpsAgent;

  /** @throws {RangeError} for a kubeconfig whose current context names no cluster. */
  constructor(login: ApiLogin) {
    const server = login.getCurrentCluster()?.server;
    if (server === undefined) throw new RangeError('the kubeconfig has no current cluster; set its current-context');
    this.#login = login;
    this.#server = new URL(server);
    const options = { keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS };
    this.#agent = this.#server.protocol === 'http:' ? new HttpAgent(options) : new HttpsAgent(options);
  }

  /** The response as soon as its head is there. @throws {KubeUnreachableError} when there is none. */
  async open(request: HttpRequest): Promise<IncomingMessage> {
    try {
      const options = await this.#optionsOf(request);
      return await new Promise<IncomingMessage>((resolve, reject) => {
        const send = this.#server.protocol === 'http:' ? httpRequest : httpsRequest;
        const sent = send(this.#urlOf(request.path), options, resolve);
        sent.on('error', reject);
        sent.end(request.body);
      });
    } catch (cause) {
      throw new KubeUnreachableError(request, { cause });
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #urlOf(path: string): URL {
    return new URL(this.#server.pathname.replace(/\/$/, '') + path, this.#server);
  }

  /** Asked anew each time: tokens and certificates are renewed while we run. */
  async #optionsOf({ method, contentType, body, signal }: HttpRequest): Promise<RequestOptions> {
    const options: RequestOptions = { method, signal };
    await this.#login.applyToHTTPSOptions(options);
    // A proxy has an agent of its own.
    if (this.#login.getCurrentCluster()?.proxyUrl === undefined) options.agent = this.#agent;
    options.headers = {
      ...options.headers,
      accept: 'application/json',
      'user-agent': 'pentafold',
      ...(body === undefined
        ? {}
        : { 'content-type': contentType ?? 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    return options;
  }
}
