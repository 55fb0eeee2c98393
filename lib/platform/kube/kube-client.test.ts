import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, test } from 'vitest';
import { HttpConnection } from './http-connection.ts';
import { isGone, isTransient, KubeApiError, KubeUnreachableError } from './kube-api-error.ts';
import { KubeClient } from './kube-client.ts';
import { JOBS, PODS } from './kube-object.ts';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly contentType: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A client of a server that answers as the test says, and remembers what it was asked. */
async function answering(answer: (response: ServerResponse, request: IncomingMessage) => void, base = '') {
  const asked: Asked[] = [];
  let connections = 0;
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const body = await text(request);
    asked.push({ method, url, contentType: headers['content-type'], authorization: headers.authorization, body });
    answer(response, request);
  });
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'test', server: `http://127.0.0.1:${Object(server.address()).port}${base}`, skipTLSVerify: true },
    { name: 'user', token: 'secret' },
  );
  const connection = new HttpConnection(config);
  const client = new KubeClient({ connection, fieldManager: 'pentafold', timeoutMs: 2000, pageSize: 500 });
  return {
    client,
    asked,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      connection[Symbol.dispose]();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const REF = { namespace: 'research', name: 'a' };

describe('KubeClient', () => {
  test('speaks with one server over one connection, and says who it is', async () => {
    await using server = await answering((response) => response.end('{"metadata":{"name":"a"}}'), '/clusters/c-1');
    await server.client.get(PODS, REF);
    await server.client.get(PODS, REF);
    expect(server.connections()).toBe(1);
    expect(server.asked[0]).toMatchObject({
      method: 'GET',
      url: '/clusters/c-1/api/v1/namespaces/research/pods/a',
      authorization: 'Bearer secret',
    });
  });

  test('applies as one field owner, whose wish counts', async () => {
    await using server = await answering((response) => response.end('{}'));
    const object = { apiVersion: 'batch/v1', kind: 'Job', metadata: REF };
    await server.client.apply(JOBS, object);
    expect(server.asked).toMatchObject([
      {
        method: 'PATCH',
        url: '/apis/batch/v1/namespaces/research/jobs/a?fieldManager=pentafold&fieldValidation=Strict&force=true',
        contentType: 'application/apply-patch+yaml',
      },
    ]);
    expect(JSON.parse(server.asked[0]?.body ?? '')).toEqual(object);
  });

  test.each([
    { name: 'no JSON', answer: (response: ServerResponse) => response.end('<html>') },
    { name: 'half an answer', answer: (response: ServerResponse) => cutOff(response, '{"metadata":') },
    { name: 'none', answer: (response: ServerResponse) => response.destroy() },
  ])('a server that gives $name counts as out of reach', async ({ answer }) => {
    await using server = await answering((response) => void answer(response));
    const refusal = expect(server.client.get(PODS, REF)).rejects;
    await refusal.toSatisfy((error) => error instanceof KubeUnreachableError && isTransient(error));
  });

  test('whatever stands before the API server may answer for it', async () => {
    await using server = await answering((response) => response.writeHead(502).end('<html>Bad gateway</html>'));
    const refusal = expect(server.client.get(PODS, REF)).rejects;
    await refusal.toSatisfy((error) => error instanceof KubeApiError && isTransient(error));
  });

  test('an ERROR on a watch ends it with the failure that it tells', async () => {
    const error = { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } };
    await using server = await answering((response) => response.end(`${JSON.stringify(error)}\n`));
    const watch = server.client.watch(
      PODS,
      { namespace: 'research', labelSelector: 'a=b' },
      { resourceVersion: '5', seconds: 300 },
      new AbortController().signal,
    );
    await expect(Array.fromAsync(watch)).rejects.toSatisfy(isGone);
    expect(server.asked[0]?.url).toBe(
      '/api/v1/namespaces/research/pods?labelSelector=a%3Db&watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=300',
    );
  });

  test('a watch that is broken off in the middle of a line tells the whole ones', async () => {
    const event = { type: 'BOOKMARK', object: { metadata: { resourceVersion: '7' } } };
    await using server = await answering((response) => cutOff(response, `${JSON.stringify(event)}\n{"type":"ADD`));
    const from = { resourceVersion: '5', seconds: 300 };
    const watch = server.client.watch(PODS, { namespace: null }, from, new AbortController().signal);
    expect((await watch.next()).value).toEqual({ type: 'BOOKMARK', resourceVersion: '7' });
    await expect(watch.next()).rejects.toThrow(KubeUnreachableError);
  });

  test('the log of a pod comes line by line, also one that is not ended', async () => {
    await using server = await answering((response) => response.end('one\ntwo'));
    const log = server.client.log(REF, { follow: true }, new AbortController().signal);
    expect(await Array.fromAsync(log)).toEqual(['one', 'two']);
    expect(server.asked[0]?.url).toBe('/api/v1/namespaces/research/pods/a/log?follow=true');
  });

  test('a log that is refused, or broken off, is not taken for its end', async () => {
    await using waiting = await answering((response) => response.writeHead(400).end('{"kind":"Status","code":400}'));
    const refused = waiting.client.log(REF, { follow: false }, new AbortController().signal);
    await expect(Array.fromAsync(refused)).rejects.toThrow(KubeApiError);
    await using broken = await answering((response) => cutOff(response, 'one\ntw'));
    const cut = broken.client.log(REF, { follow: false }, new AbortController().signal);
    expect((await cut.next()).value).toBe('one');
    await expect(cut.next()).rejects.toThrow(KubeUnreachableError);
  });

  test('a log that is followed ends quietly when its signal aborts', async () => {
    await using server = await answering((response) => void response.write('one\n'));
    const stopping = new AbortController();
    const log = server.client.log(REF, { follow: true }, stopping.signal);
    expect((await log.next()).value).toBe('one');
    const next = log.next();
    stopping.abort();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  test('reads what is no object', async () => {
    await using server = await answering((response) => response.end('{"gitVersion":"v1.34.2"}'));
    expect(await server.client.read('/version')).toEqual({ gitVersion: 'v1.34.2' });
  });

  test('a watch ends when its signal aborts', async () => {
    await using server = await answering((response) => void response.writeHead(200).flushHeaders());
    const stopping = new AbortController();
    const from = { resourceVersion: '5', seconds: 300 };
    const next = server.client.watch(PODS, { namespace: null }, from, stopping.signal).next();
    setImmediate(() => stopping.abort(new Error('enough')));
    await expect(next).rejects.toThrow('enough');
  });
});

test('a kubeconfig without a current cluster is refused', () => {
  expect(() => new HttpConnection(new KubeConfig())).toThrow('the kubeconfig has no current cluster');
});

/** Sends the beginning of an answer, then breaks the connection. */
function cutOff(response: ServerResponse, beginning: string): void {
  response.writeHead(200, { 'content-length': 1000 });
  response.write(beginning, () => response.destroy());
}
