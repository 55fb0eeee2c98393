// `pentafold.v1.Controller` as gRPC sees it, and the way between its messages and ours. Used by both ends.

import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { Instruction__Output as WireInstruction } from '#proto/pentafold/v1/Instruction.ts';
import type { SynchronizeRequest__Output as ReceivedRequest } from '#proto/pentafold/v1/SynchronizeRequest.ts';
import type {
  SynchronizeResponse__Output as ReceivedResponse,
  SynchronizeResponse as WireResponse,
} from '#proto/pentafold/v1/SynchronizeResponse.ts';
import type { ProtoGrpcType } from '#proto/worker.ts';
import type { Instruction, SynchronizeRequest, SynchronizeResponse } from './controller-link.ts';

const file = fileURLToPath(new URL('../../../proto/pentafold/v1/worker.proto', import.meta.url));

/** Metadata key of the bearer token. */
export const AUTHORIZATION = 'authorization';

/** The client constructor of `pentafold.v1.Controller`; its `service` is what a server adds. */
export function controllerService(): ProtoGrpcType['pentafold']['v1']['Controller'] {
  // What goes wrong reaches us as errors; standard error is for our own log's lines.
  setLogVerbosity(logVerbosity.NONE);
  // The same options as bin/generate, or the generated types would lie.
  const definition = loadSync(file, { longs: Number, enums: String, defaults: true, oneofs: true });
  return (loadPackageDefinition(definition) as unknown as ProtoGrpcType).pentafold.v1.Controller;
}

/** @throws {RangeError} when the request names no step. */
export function receivedRequest(wire: ReceivedRequest): SynchronizeRequest {
  if (wire.step === '') throw new RangeError('a synchronize request must name its step');
  return {
    step: wire.step,
    attempt: wire.attempt,
    workerVersion: wire.workerVersion,
    progress: wire.progress ?? { activity: '', unitsDone: 0, unitsTotal: 0 },
    credentialsSeconds: wire.credentialsSeconds,
  };
}

const WIRE_INSTRUCTIONS = { 'go-on': 'GO_ON', yield: 'YIELD', stop: 'STOP' } as const;

const INSTRUCTIONS: Readonly<Record<WireInstruction, Instruction>> = {
  // A newer controller may send an instruction that this program does not know; the lease still guards the step.
  INSTRUCTION_UNSPECIFIED: 'go-on',
  GO_ON: 'go-on',
  YIELD: 'yield',
  STOP: 'stop',
};

/** The response as gRPC sends it. */
export const sentResponse = (response: SynchronizeResponse): WireResponse => ({
  ...response,
  instruction: WIRE_INSTRUCTIONS[response.instruction],
});

/** The response as received. */
export const receivedResponse = (wire: ReceivedResponse): SynchronizeResponse => ({
  instruction: INSTRUCTIONS[wire.instruction] ?? 'go-on',
  leaseSeconds: wire.leaseSeconds,
  intervalSeconds: wire.intervalSeconds,
  credentials: wire.credentials,
});
