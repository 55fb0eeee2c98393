import { createHash, timingSafeEqual } from 'node:crypto';
import { type Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ControllerHandlers } from '#proto/pentafold/v1/Controller.ts';
import type { SynchronizeRequest, SynchronizeResponse } from './controller-link.ts';
import { AUTHORIZATION, controllerService, receivedRequest, sentResponse } from './controller-service.ts';

/** Where to listen, to whom, and what to answer. */
export interface ControllerServerOptions {
  /** Where to listen, `127.0.0.1:0` for any free port of the loopback interface. */
  readonly address: string;
  /** What a caller must send; others hear UNAUTHENTICATED. */
  readonly token: string;
  /** Answers a request. What it throws reaches the caller as INTERNAL, without the message. */
  readonly synchronize: (request: SynchronizeRequest) => Promise<SynchronizeResponse>;
}

/** The other end of `GrpcControllerLink`: listens until disposed of. */
export interface ControllerServer extends AsyncDisposable {
  /** `host:port` as bound. */
  readonly address: string;
}

/** Opens the controller's door for the steps' processes. @throws {Error} when the address cannot be bound. */
export async function serveController(options: ControllerServerOptions): Promise<ControllerServer> {
  const server = new Server();
  const handlers: ControllerHandlers = {
    Synchronize: (call, callback) => {
      if (!tokenMatches(call.metadata, options.token)) {
        callback({ code: status.UNAUTHENTICATED, details: 'the token is not the one of this controller' });
        return;
      }
      answer(options, call.request).then(
        (response) => callback(null, response),
        (error: unknown) => callback(refusal(error)),
      );
    },
  };
  server.addService(controllerService().service, handlers);
  const host = options.address.slice(0, options.address.lastIndexOf(':'));
  const port = await bind(server, options.address);
  return {
    address: `${host}:${port}`,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

async function answer(options: ControllerServerOptions, request: Parameters<typeof receivedRequest>[0]) {
  return sentResponse(await options.synchronize(receivedRequest(request)));
}

function refusal(error: unknown): { code: status; details: string } {
  if (error instanceof RangeError) return { code: status.INVALID_ARGUMENT, details: error.message };
  return { code: status.INTERNAL, details: 'the controller could not answer' };
}

/** Compares digests, so that the time taken tells nothing of the token. */
function tokenMatches(metadata: Metadata, token: string): boolean {
  const sent = metadata.get(AUTHORIZATION)[0] ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(sent.toString()), digest(`Bearer ${token}`));
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error }));
      else resolve(port);
    });
  });
}
