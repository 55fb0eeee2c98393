// Original file: proto/pentafold/v1/worker.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { SynchronizeRequest as _pentafold_v1_SynchronizeRequest, SynchronizeRequest__Output as _pentafold_v1_SynchronizeRequest__Output } from '../../pentafold/v1/SynchronizeRequest.ts';
import type { SynchronizeResponse as _pentafold_v1_SynchronizeResponse, SynchronizeResponse__Output as _pentafold_v1_SynchronizeResponse__Output } from '../../pentafold/v1/SynchronizeResponse.ts';

export interface ControllerClient extends grpc.Client {
  Synchronize(argument: _pentafold_v1_SynchronizeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pentafold_v1_SynchronizeResponse__Output>): grpc.ClientUnaryCall;
  Synchronize(argument: _pentafold_v1_SynchronizeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pentafold_v1_SynchronizeResponse__Output>): grpc.ClientUnaryCall;
  Synchronize(argument: _pentafold_v1_SynchronizeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pentafold_v1_SynchronizeResponse__Output>): grpc.ClientUnaryCall;
  Synchronize(argument: _pentafold_v1_SynchronizeRequest, callback: grpc.requestCallback<_pentafold_v1_SynchronizeResponse__Output>): grpc.ClientUnaryCall;
  synchronize(argument: _pentafold_v1_SynchronizeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_pentafold_v1_SynchronizeResponse__Output>): grpc.ClientUnaryCall;
  synchronize(argument: _pentafold_v1_SynchronizeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_pentafold_v1_SynchronizeResponse__Output>): grpc.ClientUnaryCall;
  synchronize(argument: _pentafold_v1_SynchronizeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_pentafold_v1_SynchronizeResponse__Output>): grpc.ClientUnaryCall;
  synchronize(argument: _pentafold_v1_SynchronizeRequest, callback: grpc.requestCallback<_pentafold_v1_SynchronizeResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface ControllerHandlers extends grpc.UntypedServiceImplementation {
  Synchronize: grpc.handleUnaryCall<_pentafold_v1_SynchronizeRequest__Output, _pentafold_v1_SynchronizeResponse>;
  
}

export interface ControllerDefinition extends grpc.ServiceDefinition {
  Synchronize: MethodDefinition<_pentafold_v1_SynchronizeRequest, _pentafold_v1_SynchronizeResponse, _pentafold_v1_SynchronizeRequest__Output, _pentafold_v1_SynchronizeResponse__Output>
}
