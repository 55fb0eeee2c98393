import { describe, expect, test } from 'vitest';
import { RecordingLogger } from '#test/recording-logger.ts';
import { serveHealth } from './health-server.ts';

const given = async () => ({ contentType: 'text/plain; version=0.0.4', text: 'pentafold_leading 1\n' });

const serve = (notReady: string | null, metrics = given, log = new RecordingLogger()) =>
  serveHealth({
    host: '127.0.0.1',
    port: 0,
    notReady: () => notReady,
    metrics,
    log,
  });

describe('the health server', () => {
  test.each([
    { notReady: null, path: '/healthz', status: 200, text: 'ok\n' },
    { notReady: 'the store is away', path: '/healthz', status: 200, text: 'ok\n' },
    { notReady: null, path: '/readyz', status: 200, text: 'ok\n' },
    { notReady: 'the store is away', path: '/readyz', status: 503, text: 'the store is away\n' },
    { notReady: null, path: '/metrics', status: 200, text: 'pentafold_leading 1\n' },
    { notReady: null, path: '/', status: 404, text: 'here are /healthz, /readyz and /metrics\n' },
  ])('$path answers $status, not ready: $notReady', async ({ notReady, path, status, text }) => {
    await using server = await serve(notReady);
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    expect({ status: response.status, text: await response.text() }).toEqual({ status, text });
  });

  test('tells the log alone why metrics cannot be read', async () => {
    const log = new RecordingLogger();
    const err = new Error('tasks of the namespace research cannot be listed');
    await using server = await serve(null, () => Promise.reject(err), log);
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    expect({ status: response.status, text: await response.text() }).toEqual({
      status: 500,
      text: 'metrics cannot be read\n',
    });
    expect(log.lines).toMatchObject([{ level: 'error', message: 'metrics not read', fields: { err } }]);
  });
});
