import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What may go wrong on the way to an HTTP server. */
export type Fault = 'none' | 'busy' | 'slow' | 'truncated';

/** Passes requests on to a server, with what is wrong at the moment. */
export interface FaultyProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  fault: Fault;
  /** How many requests were spoilt so far. */
  readonly spoilt: number;
}

/**
 * `busy`: 503 to every third request. `slow`: every answer is late. `truncated`: every third answer stops half way.
 *
 * @param slowMs how late.
 */
export async function faultyProxy(to: string, slowMs = 100): Promise<FaultyProxy> {
  const state = { fault: 'none' as Fault, requests: 0, spoilt: 0 };
  const server = createServer((request, response) => {
    state.requests += 1;
    const every = state.fault === 'slow';
    const fault = every || state.requests % 3 === 0 ? state.fault : 'none';
    if (fault !== 'none') state.spoilt += 1;
    answer(request, response, { to, fault, slowMs });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get fault() {
      return state.fault;
    },
    set fault(fault) {
      state.fault = fault;
    },
    get spoilt() {
      return state.spoilt;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

interface Treatment {
  readonly to: string;
  readonly fault: Fault;
  readonly slowMs: number;
}

function answer(request: IncomingMessage, response: ServerResponse, { to, fault, slowMs }: Treatment): void {
  if (fault === 'busy') {
    request.resume();
    response.writeHead(503).end('<Error><Code>SlowDown</Code></Error>');
    return;
  }
  // With the host that was signed.
  const { method, headers, url } = request;
  const upstream = send(new URL(url ?? '', to), { method, headers }, (answered) => {
    const pass = () => {
      response.writeHead(answered.statusCode ?? 502, answered.headers);
      if (fault === 'truncated' && method === 'GET') answered.once('data', (chunk: Buffer) => cut(response, chunk));
      else answered.pipe(response);
    };
    if (fault === 'slow') setTimeout(pass, slowMs);
    else pass();
  });
  upstream.on('error', () => response.destroy());
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}

/** Half of what was announced, then nothing. */
function cut(response: ServerResponse, chunk: Buffer): void {
  response.write(chunk.subarray(0, chunk.length / 2), () => response.destroy());
}
