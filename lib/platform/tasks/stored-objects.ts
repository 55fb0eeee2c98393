// What the files of a home hold, as far as they must for a run to go on with them.

import * as z from 'zod';
import { API_VERSION, type Model, modelSpec, type Task, taskManifest } from '#api/v1alpha1/kinds.ts';

/** `task.json`: a Task without its status. */
export const storedTask: z.ZodType<Omit<Task, 'status'>> = taskManifest.extend({
  metadata: taskManifest.shape.metadata.extend({
    uid: z.string().min(1),
    generation: z.int().min(1),
    creationTimestamp: z.iso.datetime(),
  }),
});

/** `models/<name>.json` */
export const storedModel: z.ZodType<Model> = z.object({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Model'),
  metadata: z.object({ name: z.string(), creationTimestamp: z.iso.datetime() }),
  spec: modelSpec,
});
