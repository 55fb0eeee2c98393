// The result-affecting options of each step kind: what stands under `identity.options`.

import type { TaskSpec } from '#api/v1alpha1/kinds.ts';

export interface IngestOptions {
  readonly selection: { readonly train: number; readonly test: number; readonly seed: number } | null;
  /** Digest of the data set's listing: relative paths, sizes and modification times. */
  readonly revision: string;
}

export interface PlanOptions {
  readonly planner: TaskSpec['planner'];
  /** `null`: all that the plans contain. */
  readonly configurations: readonly string[] | null;
  readonly folds: number;
}

export interface PreprocessOptions {
  readonly configuration: string;
}

export interface TrainOptions {
  readonly configuration: string;
  readonly fold: number;
  readonly epochs: number;
  readonly iterationsPerEpoch: number;
  readonly validationIterationsPerEpoch: number;
  readonly seed: number;
  readonly optimizer: 'sgd' | 'adamw';
  readonly initialLearningRate: number;
  readonly oversampleForeground: number;
  readonly stepFraction: number;
  readonly mirroring: boolean;
}

export interface EnsembleOptions {
  /** In the order of the plans. */
  readonly configurations: readonly string[];
  readonly folds: number;
  readonly voting: readonly ('soft' | 'hard')[];
}

export interface PublishOptions {
  readonly model: string;
  readonly stepFraction: number;
  readonly mirroring: boolean;
}
