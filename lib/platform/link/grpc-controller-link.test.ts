import { afterEach, describe, expect, test } from 'vitest';
import { sharedToken } from './authenticate.ts';
import type { SynchronizeRequest, SynchronizeResponse } from './controller-link.ts';
import { GrpcControllerLink } from './grpc-controller-link.ts';
import { type ControllerServer, serveController } from './grpc-controller-server.ts';

const request: SynchronizeRequest = {
  step: 'a'.repeat(64),
  attempt: 3,
  workerVersion: '0.1.0',
  progress: { activity: 'epoch 3 of 8', unitsDone: 3, unitsTotal: 2 ** 40 },
  credentialsSeconds: 1234,
};
const goOn: SynchronizeResponse = { instruction: 'go-on', leaseSeconds: 300, intervalSeconds: 15, credentials: null };

const IN_THE_CLEAR = { authenticate: sharedToken('secret'), tls: null };

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one[Symbol.asyncDispose]();
});

async function serve(
  synchronize: (request: SynchronizeRequest) => Promise<SynchronizeResponse>,
): Promise<ControllerServer> {
  const server = await serveController({ address: '127.0.0.1:0', ...IN_THE_CLEAR, synchronize });
  opened.push(server);
  return server;
}

function connect(address: string, token = 'secret', timeoutMs = 10_000): GrpcControllerLink {
  const link = new GrpcControllerLink({ address, token: async () => token, authority: null, timeoutMs });
  opened.push(link);
  return link;
}

describe('the link to the controller', () => {
  test('hands over every field of the request', async () => {
    const heard: SynchronizeRequest[] = [];
    const { address } = await serve(async (one) => {
      heard.push(one);
      return goOn;
    });
    const link = connect(address);
    await link.synchronize(request);
    expect(heard).toEqual([request]);
  });

  test.each(['go-on', 'yield', 'stop'] as const)('hands back the instruction to %s', async (instruction) => {
    const response = { instruction, leaseSeconds: 60, intervalSeconds: 5, credentials: null };
    const { address } = await serve(async () => response);
    expect(await connect(address).synchronize(request)).toEqual(response);
  });

  test('hands over credentials for the store', async () => {
    const credentials = { accessKey: 'key', secretKey: 'secret', sessionToken: 'token', validSeconds: 3600 };
    const { address } = await serve(async () => ({ ...goOn, credentials }));
    expect(await connect(address).synchronize(request)).toEqual({ ...goOn, credentials });
  });

  test('is refused with another token, and the controller does not hear of it', async () => {
    let heard = 0;
    const { address } = await serve(async () => {
      heard++;
      return goOn;
    });
    await expect(connect(address, 'guessed').synchronize(request)).rejects.toMatchObject({
      code: 'CONTROLLER_UNREACHABLE',
      message: `the controller at ${address} did not answer: the token is not the one of this controller`,
    });
    expect(heard).toBe(0);
  });

  test('gives up at the deadline of a call', async () => {
    const { address } = await serve(() => new Promise(() => {}));
    await expect(connect(address, 'secret', 50).synchronize(request)).rejects.toMatchObject({
      code: 'CONTROLLER_UNREACHABLE',
      message: expect.stringContaining('Deadline exceeded'),
    });
  });

  test('says where nobody answers', async () => {
    const server = await serve(async () => goOn);
    await server[Symbol.asyncDispose]();
    await expect(connect(server.address).synchronize(request)).rejects.toMatchObject({
      code: 'CONTROLLER_UNREACHABLE',
      message: expect.stringContaining(server.address),
    });
  });

  test('does not pass on what went wrong inside the controller', async () => {
    const { address } = await serve(() => Promise.reject(new Error('disk at /secret/place')));
    await expect(connect(address).synchronize(request)).rejects.toThrow('the controller could not answer');
  });

  test('is told when the request names no step', async () => {
    const { address } = await serve(async () => goOn);
    await expect(connect(address).synchronize({ ...request, step: '' })).rejects.toThrow('must name its step');
  });

  test('cannot be served at an address that is taken', async () => {
    const { address } = await serve(async () => goOn);
    const again = serveController({ address, ...IN_THE_CLEAR, synchronize: async () => goOn });
    await expect(again).rejects.toThrow(`cannot listen on ${address}`);
  });
});
