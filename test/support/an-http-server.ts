import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What was asked of it. */
export interface HeardRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** The header of that name; empty when there is none. */
  readonly authorization: string;
  readonly body: string;
}

/** A server that answers as a test says. */
export interface HttpServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly requests: readonly HeardRequest[];
}

/** @param answer `null`: none, ever. */
export async function anHttpServer(
  answer: (request: HeardRequest) => { readonly status: number; readonly body: string } | null,
): Promise<HttpServer> {
  const requests: HeardRequest[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url: path = '', headers } = request;
    const heard = { method, path, authorization: headers.authorization ?? '', body: Buffer.concat(chunks).toString() };
    requests.push(heard);
    const answered = answer(heard);
    if (answered !== null) response.writeHead(answered.status).end(answered.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
