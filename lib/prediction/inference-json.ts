// `inference.json`: how a model predicts. Written by the ensemble step (who wins) and completed by publish (how tiles move).

import * as z from 'zod';
import { foldNameSchema } from '#formats/splits-json.ts';

const labelOrRegion = z.union([z.int().min(0), z.array(z.int().min(0)).min(1).readonly()]);

/** What the ensemble step decides. */
export const selectionSchema = z.object({
  /** Configurations, in the order of the plans. */
  members: z.array(z.string()).min(1).readonly(),
  voting: z.enum(['soft', 'hard']),
  /** The folds whose logits are averaged per member. */
  folds: z.array(foldNameSchema).min(1).readonly(),
  /** Labels, or sets of labels, of which only the largest component stays; one after the other. */
  postprocessing: z.array(labelOrRegion).readonly(),
  /** Values in the segmentation, background included. */
  labels: z.array(z.object({ name: z.string(), value: labelOrRegion })).readonly(),
});

/** Which configurations vote how, and what is removed afterwards. */
export type Selection = z.infer<typeof selectionSchema>;

export const inferenceSchema = selectionSchema.extend({
  stepFraction: z.number().positive().max(1),
  /** `true`: along every axis of the network; a list: along these of its axes only. */
  mirroring: z.union([z.boolean(), z.array(z.int().min(0).max(2)).min(1).readonly()]),
});

/** Everything about a model's prediction but its plans and weights. */
export type Inference = z.infer<typeof inferenceSchema>;
