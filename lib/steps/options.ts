// The result-affecting options of each step kind: what stands under `identity.options`.

import * as z from 'zod';
import { augmentationChoice } from '#api/v1alpha1/augmentation.ts';
import { taskSpec } from '#api/v1alpha1/kinds.ts';
import { foldCountSchema, foldNameSchema } from '#formats/splits-json.ts';

export const ingestOptionsSchema = z.object({
  selection: z.object({ train: z.int().min(1), test: z.int().min(0), seed: z.int().min(0) }).nullable(),
  /** Digest of the data set's listing: relative paths, sizes and modification times. */
  revision: z.string(),
});
export type IngestOptions = z.infer<typeof ingestOptionsSchema>;

export const planOptionsSchema = z.object({
  planner: taskSpec.shape.planner,
  folds: foldCountSchema,
});
export type PlanOptions = z.infer<typeof planOptionsSchema>;

export const preprocessOptionsSchema = z.object({ configuration: z.string() });
export type PreprocessOptions = z.infer<typeof preprocessOptionsSchema>;

/** Along every axis or none, or along those listed. */
const mirroring = z.union([z.boolean(), z.array(z.int().min(0)).readonly()]);

export const trainOptionsSchema = z.object({
  configuration: z.string(),
  fold: foldNameSchema,
  epochs: z.int().min(1),
  /** Epochs of the training by an earlier schedule that is an input; `null`: it starts at epoch 0. */
  continuesFrom: z.int().min(1).nullable(),
  /** SHA-256 of the file with the weights to start from. `null`: none; those of a training that goes on are older. */
  pretrainedWeights: z.string().nullable(),
  iterationsPerEpoch: z.int().min(1),
  validationIterationsPerEpoch: z.int().min(1),
  seed: z.int().min(0),
  optimizer: z.enum(['sgd', 'adamw']),
  initialLearningRate: z.number().positive(),
  oversampleForeground: z.number().min(0).max(1),
  augmentation: augmentationChoice,
  stepFraction: z.number().positive().max(1),
  mirroring,
});
export type TrainOptions = z.infer<typeof trainOptionsSchema>;

export const ensembleOptionsSchema = z.object({
  /** In the order of the plans. */
  configurations: z.array(z.string()).readonly(),
  folds: foldCountSchema,
  voting: z.array(z.enum(['soft', 'hard'])).readonly(),
});
export type EnsembleOptions = z.infer<typeof ensembleOptionsSchema>;

export const publishOptionsSchema = z.object({
  model: z.string(),
  stepFraction: z.number().positive().max(1),
  mirroring,
});
export type PublishOptions = z.infer<typeof publishOptionsSchema>;
