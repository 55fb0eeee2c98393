import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../logging/logger.ts';

export interface HealthServerOptions {
  /** Where to listen; port 0: any free one. */
  readonly host: string;
  readonly port: number;
  /** Why the program cannot do its work now; `null` when it can. */
  readonly notReady: () => string | null;
  /** In the text format of Prometheus, with its content type. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly log: Pick<Logger, 'error'>;
}

export interface HealthServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Answers those who watch over a program: `/healthz` as long as its event loop turns, `/readyz` when it can work,
 * `/metrics`. Tells nothing else, and nothing about any data, so that it asks nobody who they are.
 *
 * @throws when the address cannot be bound.
 */
export async function serveHealth(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(options, request.url ?? '', response).catch((err: unknown) => {
      options.log.error({ err }, 'metrics not read');
      end(response, 500, 'metrics cannot be read\n');
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => closed(server),
  };
}

async function answer(options: HealthServerOptions, url: string, response: ServerResponse): Promise<void> {
  switch (url) {
    case '/healthz':
      return end(response, 200, 'ok\n');
    case '/readyz': {
      const reason = options.notReady();
      return reason === null ? end(response, 200, 'ok\n') : end(response, 503, `${reason}\n`);
    }
    case '/metrics': {
      const { contentType, text } = await options.metrics();
      return end(response, 200, text, contentType);
    }
    default:
      return end(response, 404, 'here are /healthz, /readyz and /metrics\n');
  }
}

function end(response: ServerResponse, status: number, text: string, contentType = 'text/plain; charset=utf-8'): void {
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text);
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
