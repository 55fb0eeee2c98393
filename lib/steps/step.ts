// A step: a function from stored inputs to stored outputs, named by the digest of everything that decides its result.
// Whoever finds its manifest does nothing; so resume, retry, caching and incremental work are one mechanism.

import * as z from 'zod';
import { PRECISIONS, type Precision } from '#core/training/precision.ts';
import { digestOf } from '#formats/digest.ts';

export type StepKind = 'ingest' | 'plan' | 'preprocess' | 'train' | 'ensemble' | 'publish';

/** Raised by hand when the same inputs would now give other results. */
export const ALGORITHM_VERSIONS: Readonly<Record<StepKind, number>> = {
  ingest: 2,
  plan: 2,
  preprocess: 2,
  train: 2,
  ensemble: 1,
  publish: 2,
};

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Everything that decides a step's outputs, and nothing else: no resources, no queue, no place. */
export interface StepIdentity {
  readonly kind: StepKind;
  readonly algorithmVersion: number;
  /** By name of the input (`ingest`, `plan`, `train/2d/0`): the content digest of its manifest. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Options of this kind that affect the result; see `options.ts` for their shapes. */
  readonly options: Json;
  /** What fixes the arithmetic, as far as it is asked for; `null` for steps without an engine. */
  readonly numerics: { readonly engine: 'torch' | 'tfjs'; readonly dtype: Precision; readonly threads: number } | null;
}

/** What a worker is given: the identity, where to find the inputs, and what does not affect the result. */
export interface StepDescription {
  readonly identity: StepIdentity;
  /** By name of the input: the step whose outputs it is. */
  readonly inputSteps: Readonly<Record<string, string>>;
  /** For people: `train 3d_fullres fold 2`. */
  readonly title: string;
  readonly task: { readonly name: string; readonly uid: string };
  /** Absolute URI of the raw data set. */
  readonly datasetUri: string;
  readonly checkpointIntervalSeconds: number;
  /** Absolute URI of the weights that a training starts from; else `null`. */
  readonly pretrainedWeightsUri: string | null;
}

/** SHA-256, hex, of the identity's canonical JSON (RFC 8785). */
export const stepDigest = (identity: StepIdentity): string => digestOf(identity);

/** A step description, as JSON on disk. */
export const stepDescriptionSchema: z.ZodType<StepDescription> = z.object({
  identity: z.object({
    kind: z.enum(['ingest', 'plan', 'preprocess', 'train', 'ensemble', 'publish']),
    algorithmVersion: z.int().min(1),
    inputs: z.record(z.string(), z.string()),
    options: z.json(),
    numerics: z
      .object({ engine: z.enum(['torch', 'tfjs']), dtype: z.enum(PRECISIONS), threads: z.int().min(1) })
      .nullable(),
  }),
  inputSteps: z.record(z.string(), z.string()),
  title: z.string(),
  task: z.object({ name: z.string(), uid: z.string() }),
  datasetUri: z.string(),
  checkpointIntervalSeconds: z.number().positive(),
  // Descriptions that were stored before it was there are of steps that have none.
  pretrainedWeightsUri: z.string().nullable().default(null),
});
