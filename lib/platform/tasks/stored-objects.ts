// What the files of a home hold, as far as they must for a run to go on with them.

import * as z from 'zod';
import {
  API_VERSION,
  candidateSchema,
  type Model,
  type Task,
  type TaskStatus,
  taskManifest,
} from '#api/v1alpha1/kinds.ts';

/** `task.json`: a Task without its status. */
export const storedTask: z.ZodType<Omit<Task, 'status'>> = taskManifest.extend({
  metadata: taskManifest.shape.metadata.extend({
    uid: z.string().min(1),
    generation: z.int().min(1),
    creationTimestamp: z.iso.datetime(),
  }),
});

const condition = z.object({
  type: z.enum([
    'Accepted',
    'Planned',
    'Preprocessed',
    'Trained',
    'Ensembled',
    'Published',
    'Succeeded',
    'Failed',
    'Suspended',
  ]),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.iso.datetime(),
  observedGeneration: z.int(),
});

/** `status.json` */
export const storedStatus: z.ZodType<TaskStatus> = z.object({
  observedGeneration: z.int(),
  conditions: z.array(condition),
  progress: z.string(),
  configurations: z.array(
    z.object({ name: z.string(), folds: z.int(), foldsDone: z.int(), meanDice: z.string().exactOptional() }),
  ),
  best: z.object({ members: z.array(z.string()), voting: z.enum(['soft', 'hard']), dice: z.string() }).exactOptional(),
  model: z.object({ name: z.string(), version: z.int() }).exactOptional(),
});

/** `models/<name>.json` */
export const storedModel: z.ZodType<Model> = z.object({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Model'),
  metadata: z.object({ name: z.string(), creationTimestamp: z.iso.datetime() }),
  spec: z.object({ version: z.int().min(1), task: z.string(), step: z.string(), best: candidateSchema }),
});
