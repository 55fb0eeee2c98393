import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { ControllerClient } from '#proto/pentafold/v1/Controller.ts';
import type { ControllerLink, SynchronizeRequest, SynchronizeResponse } from './controller-link.ts';
import { AUTHORIZATION, controllerService, receivedResponse } from './controller-service.ts';
import { ControllerUnreachableError } from './controller-unreachable-error.ts';

/** Where the controller is, and how to speak with it. */
export interface GrpcControllerLinkOptions {
  /** `host:port`. */
  readonly address: string;
  /** What to send with a call: asked for each, since tokens are renewed. */
  readonly token: () => Promise<string>;
  /** Certificates of whom to trust, in PEM; `null`: the controller speaks in clear text. */
  readonly authority: Buffer | null;
  /** How long one call may take. */
  readonly timeoutMs: number;
}

/** A controller that comes back should hear of its steps well before their leases end; gRPC's own limit is two minutes. */
const LONGEST_BACKOFF_MS = 10_000;

/** A connection that a network drops without a word is noticed by this, and made anew. */
const KEEPALIVE_MS = 30_000;

/** The link over gRPC. */
export class GrpcControllerLink implements ControllerLink {
  readonly #client: ControllerClient;
  readonly #options: GrpcControllerLinkOptions;

  constructor(options: GrpcControllerLinkOptions) {
    this.#options = options;
    const Controller = controllerService();
    const { address, authority } = options;
    const channel = authority === null ? credentials.createInsecure() : credentials.createSsl(authority);
    this.#client = new Controller(address, channel, {
      'grpc.max_reconnect_backoff_ms': LONGEST_BACKOFF_MS,
      'grpc.keepalive_time_ms': KEEPALIVE_MS,
      'grpc.keepalive_timeout_ms': options.timeoutMs,
    });
  }

  async synchronize(request: SynchronizeRequest): Promise<SynchronizeResponse> {
    const metadata = new Metadata();
    metadata.set(AUTHORIZATION, `Bearer ${await this.#options.token()}`);
    const deadline = Date.now() + this.#options.timeoutMs;
    return new Promise((resolve, reject) => {
      this.#client.Synchronize(request, metadata, { deadline }, (error, response) => {
        if (response !== undefined) resolve(receivedResponse(response));
        else reject(this.#unreachable(error));
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
  }

  #unreachable(error: ServiceError | null): ControllerUnreachableError {
    return new ControllerUnreachableError(this.#options.address, error?.details ?? 'no response', { cause: error });
  }
}
