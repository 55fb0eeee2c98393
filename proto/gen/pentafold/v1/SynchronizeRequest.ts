// Original file: proto/pentafold/v1/worker.proto

import type { Progress as _pentafold_v1_Progress, Progress__Output as _pentafold_v1_Progress__Output } from '../../pentafold/v1/Progress.ts';

export interface SynchronizeRequest {
  'step'?: (string);
  'attempt'?: (number);
  'workerVersion'?: (string);
  'progress'?: (_pentafold_v1_Progress | null);
  'credentialsSeconds'?: (number);
}

export interface SynchronizeRequest__Output {
  'step': (string);
  'attempt': (number);
  'workerVersion': (string);
  'progress': (_pentafold_v1_Progress__Output | null);
  'credentialsSeconds': (number);
}
