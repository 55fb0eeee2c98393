// Original file: proto/pentafold/v1/worker.proto

import type { Long } from '@grpc/proto-loader';

export interface Progress {
  'activity'?: (string);
  'unitsDone'?: (number | string | Long);
  'unitsTotal'?: (number | string | Long);
}

export interface Progress__Output {
  'activity': (string);
  'unitsDone': (number);
  'unitsTotal': (number);
}
