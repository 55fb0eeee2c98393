import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { ControllerClient as _pentafold_v1_ControllerClient, ControllerDefinition as _pentafold_v1_ControllerDefinition } from './pentafold/v1/Controller.ts';
import type { Progress as _pentafold_v1_Progress, Progress__Output as _pentafold_v1_Progress__Output } from './pentafold/v1/Progress.ts';
import type { StoreCredentials as _pentafold_v1_StoreCredentials, StoreCredentials__Output as _pentafold_v1_StoreCredentials__Output } from './pentafold/v1/StoreCredentials.ts';
import type { SynchronizeRequest as _pentafold_v1_SynchronizeRequest, SynchronizeRequest__Output as _pentafold_v1_SynchronizeRequest__Output } from './pentafold/v1/SynchronizeRequest.ts';
import type { SynchronizeResponse as _pentafold_v1_SynchronizeResponse, SynchronizeResponse__Output as _pentafold_v1_SynchronizeResponse__Output } from './pentafold/v1/SynchronizeResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  pentafold: {
    v1: {
      Controller: SubtypeConstructor<typeof grpc.Client, _pentafold_v1_ControllerClient> & { service: _pentafold_v1_ControllerDefinition }
      Instruction: EnumTypeDefinition
      Progress: MessageTypeDefinition<_pentafold_v1_Progress, _pentafold_v1_Progress__Output>
      StoreCredentials: MessageTypeDefinition<_pentafold_v1_StoreCredentials, _pentafold_v1_StoreCredentials__Output>
      SynchronizeRequest: MessageTypeDefinition<_pentafold_v1_SynchronizeRequest, _pentafold_v1_SynchronizeRequest__Output>
      SynchronizeResponse: MessageTypeDefinition<_pentafold_v1_SynchronizeResponse, _pentafold_v1_SynchronizeResponse__Output>
    }
  }
}

