// The port from a step's process to its controller: one question, asked again and again. Level-based: every request
// holds the whole state, so that one may be lost, repeated or reordered. Adapter: `grpc-controller-link.ts`.

import type { TemporaryCredentials } from '../objects/handed-over-credentials.ts';

/** How far a step is, for people and for the forecast. */
export interface Progress {
  /** What is being done: `epoch 3/8`. */
  readonly activity: string;
  readonly unitsDone: number;
  readonly unitsTotal: number;
}

/** What a step's process does now. */
export interface SynchronizeRequest {
  /** Digest of the step. */
  readonly step: string;
  readonly attempt: number;
  /** Version of the program, major.minor.patch. */
  readonly workerVersion: string;
  readonly progress: Progress;
  /** For how long the store's credentials that it holds are good yet; 0: it holds none, or the store refused them. */
  readonly credentialsSeconds: number;
}

/**
 * What a step's process is to do: `go-on`; `yield`: checkpoint, then end, the step will be tried again; `stop`: end at
 * once, nobody wants the result.
 */
export type Instruction = 'go-on' | 'yield' | 'stop';

/** What the controller answers. */
export interface SynchronizeResponse {
  readonly instruction: Instruction;
  /** How long the process may go on without hearing again. It allows itself twice as long. */
  readonly leaseSeconds: number;
  /** When to ask again. */
  readonly intervalSeconds: number;
  /** For the object store, to be used from now on; `null`: there are no other ones than it holds. */
  readonly credentials: TemporaryCredentials | null;
}

/** The way to the controller. */
export interface ControllerLink extends AsyncDisposable {
  /** @throws {ControllerUnreachableError} when no answer came in time; asking again later is right. */
  synchronize(request: SynchronizeRequest): Promise<SynchronizeResponse>;
}
