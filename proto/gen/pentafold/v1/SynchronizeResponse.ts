// Original file: proto/pentafold/v1/worker.proto

import type { Instruction as _pentafold_v1_Instruction, Instruction__Output as _pentafold_v1_Instruction__Output } from '../../pentafold/v1/Instruction.ts';

export interface SynchronizeResponse {
  'instruction'?: (_pentafold_v1_Instruction);
  'leaseSeconds'?: (number);
  'intervalSeconds'?: (number);
}

export interface SynchronizeResponse__Output {
  'instruction': (_pentafold_v1_Instruction__Output);
  'leaseSeconds': (number);
  'intervalSeconds': (number);
}
