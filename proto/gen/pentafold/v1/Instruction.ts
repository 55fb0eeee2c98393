// Original file: proto/pentafold/v1/worker.proto

export const Instruction = {
  INSTRUCTION_UNSPECIFIED: 'INSTRUCTION_UNSPECIFIED',
  GO_ON: 'GO_ON',
  YIELD: 'YIELD',
  STOP: 'STOP',
} as const;

export type Instruction =
  | 'INSTRUCTION_UNSPECIFIED'
  | 0
  | 'GO_ON'
  | 1
  | 'YIELD'
  | 2
  | 'STOP'
  | 3

export type Instruction__Output = typeof Instruction[keyof typeof Instruction]
