import { type Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ControllerHandlers } from '#proto/pentafold/v1/Controller.ts';
import type { Authenticate } from './authenticate.ts';
import type { SynchronizeRequest, SynchronizeResponse } from './controller-link.ts';
import { AUTHORIZATION, controllerService, receivedRequest, sentResponse } from './controller-service.ts';

/** Where to listen, to whom, and what to answer. */
export interface ControllerServerOptions {
  /** Where to listen, `127.0.0.1:0` for any free port of the loopback interface. */
  readonly address: string;
  /** Who may call; others hear UNAUTHENTICATED. */
  readonly authenticate: Authenticate;
  /** In PEM; `null`: clear text, for the loopback interface, or where the network is private to the pods. */
  readonly tls: { readonly certificate: Buffer; readonly key: Buffer } | null;
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
      answer(options, call.metadata, call.request).then(
        (response) => callback(null, response),
        (error: unknown) => callback(refusal(error)),
      );
    },
  };
  server.addService(controllerService().service, handlers);
  const host = options.address.slice(0, options.address.lastIndexOf(':'));
  const port = await bind(server, options);
  return {
    address: `${host}:${port}`,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

async function answer(
  { authenticate, synchronize }: ControllerServerOptions,
  metadata: Metadata,
  wire: Parameters<typeof receivedRequest>[0],
) {
  const request = receivedRequest(wire);
  const refused = await authenticate(bearerToken(metadata), request);
  if (refused !== null) throw new UnauthenticatedError(refused);
  return sentResponse(await synchronize(request));
}

class UnauthenticatedError extends Error {}

const bearerToken = (metadata: Metadata): string =>
  (metadata.get(AUTHORIZATION)[0] ?? '').toString().replace(/^Bearer /, '');

function refusal(error: unknown): { code: status; details: string } {
  if (error instanceof UnauthenticatedError) return { code: status.UNAUTHENTICATED, details: error.message };
  if (error instanceof RangeError) return { code: status.INVALID_ARGUMENT, details: error.message };
  return { code: status.INTERNAL, details: 'the controller could not answer' };
}

function bind(server: Server, { address, tls }: ControllerServerOptions): Promise<number> {
  const credentials =
    tls === null
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: tls.certificate, private_key: tls.key }]);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error) reject(new Error(`cannot listen on ${address}: ${error.message}`, { cause: error }));
      else resolve(port);
    });
  });
}
