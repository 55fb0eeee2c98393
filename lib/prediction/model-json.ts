// `model.json`: where a model comes from, and the digests of its other files. Holds no time and no machine, so that the
// same Task gives the same bytes.

import * as z from 'zod';
import { candidateSchema } from '#api/v1alpha1/kinds.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const modelSchema = z.object({
  name: z.string(),
  task: z.string(),
  /** Version of the program that published. */
  codeVersion: z.string(),
  /** What it was learnt from. */
  provenance: z.object({
    /** Of what ingest made: changes with any image, label, or choice of cases. */
    dataDigest: sha256,
    /** Of `plans.json`. */
    plansDigest: sha256,
    trainingCases: z.int(),
    /** Per training, by `<configuration>/fold_<n>`: the digest of its step, its seed and what fixed its arithmetic. */
    trainings: z.record(
      z.string(),
      z.object({
        step: sha256,
        seed: z.int(),
        meanDice: z.number().nullable(),
        numerics: z.object({ engine: z.string(), dtype: z.string(), threads: z.int() }).nullable(),
      }),
    ),
  }),
  best: candidateSchema,
  /** Every candidate of the cross-validation, best first. */
  ranking: z.array(candidateSchema).readonly(),
  /** By path beside this file. */
  files: z.record(z.string(), z.object({ sha256, bytes: z.int().min(0) })),
});

/** A published model: its name, provenance, scores and files. */
export type ModelDescription = z.infer<typeof modelSchema>;
