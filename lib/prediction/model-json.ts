// `model.json`: where a model comes from, and the digests of its other files. Holds no time and no machine, so that the
// same Task gives the same bytes.

import * as z from 'zod';
import { candidateSchema } from '#api/v1alpha1/kinds.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** What a model that was trained here was learnt from. */
const trainedSchema = z.object({
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
});

/** Where a model comes from that nnU-Net trained. */
const importedSchema = z.object({
  trainingCases: z.int(),
  nnunet: z.object({
    /** Class of the trainer, such as `nnUNetTrainer`. */
    trainer: z.string(),
    /** SHA-256 of each checkpoint, by `<configuration>/fold_<n>`. */
    checkpoints: z.record(z.string(), sha256),
  }),
});

/** Provenance of a model that was trained here. */
export type TrainedProvenance = z.infer<typeof trainedSchema>;

export const modelSchema = z.object({
  name: z.string(),
  /** For an imported model, the name of its data set. */
  task: z.string(),
  /** Version of the program that published. */
  codeVersion: z.string(),
  provenance: z.union([trainedSchema, importedSchema]),
  best: candidateSchema,
  /** Every candidate of the cross-validation, best first. */
  ranking: z.array(candidateSchema).readonly(),
  /** By path beside this file. */
  files: z.record(z.string(), z.object({ sha256, bytes: z.int().min(0) })),
});

/** A published model: its name, provenance, scores and files. */
export type ModelDescription = z.infer<typeof modelSchema>;
