// Original file: proto/pentafold/v1/worker.proto

import type { Instruction as _pentafold_v1_Instruction, Instruction__Output as _pentafold_v1_Instruction__Output } from '../../pentafold/v1/Instruction.ts';
import type { StoreCredentials as _pentafold_v1_StoreCredentials, StoreCredentials__Output as _pentafold_v1_StoreCredentials__Output } from '../../pentafold/v1/StoreCredentials.ts';

export interface SynchronizeResponse {
  'instruction'?: (_pentafold_v1_Instruction);
  'leaseSeconds'?: (number);
  'intervalSeconds'?: (number);
  'credentials'?: (_pentafold_v1_StoreCredentials | null);
}

export interface SynchronizeResponse__Output {
  'instruction': (_pentafold_v1_Instruction__Output);
  'leaseSeconds': (number);
  'intervalSeconds': (number);
  'credentials': (_pentafold_v1_StoreCredentials__Output | null);
}
