// `spec.workers`: where and with how much of a machine the steps of a Task run. Only `threads` affects a result.

import * as z from 'zod';
import { boundedRecord } from './bounded-record.ts';

const labelName = z.string().min(1).max(316);
const labelValue = z.string().max(63);
const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected a name as Kubernetes gives them');

const quantity = z
  .string()
  .max(32)
  .regex(/^[0-9]+(\.[0-9]+)?(m|[kMGTPE]|[KMGTPE]i)?$/, 'expected a Kubernetes quantity such as 500m or 16Gi');

const toleration = z
  .strictObject({
    key: labelName.exactOptional().describe('Taint key; left out, with operator Exists: every taint.'),
    operator: z.enum(['Exists', 'Equal']).default('Equal').describe('How the value is compared.'),
    value: labelValue.exactOptional().describe('Taint value, for Equal.'),
    effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).exactOptional().describe('Default: all effects.'),
    tolerationSeconds: z.int().min(0).max(86_400).exactOptional().describe('How long a NoExecute taint is borne with.'),
  })
  .describe('A taint that worker pods tolerate.');

export const workersSpec = z.strictObject({
  threads: z.int().min(1).max(256).default(1).describe('CPU threads per worker. Part of a result’s identity.'),
  parallel: z
    .int()
    .min(1)
    .max(1024)
    .optional()
    .describe(
      'Most workers at once on one machine. Default: cores / threads. A cluster’s scheduler decides by itself.',
    ),
  resources: boundedRecord(labelName, quantity, 32)
    .default({})
    .describe(
      'Resources of a worker pod on a cluster, for example memory: 32Gi or nvidia.com/gpu: "1". ' +
        'What is left out is derived from the plans; an accelerator named here stands in for the cluster’s own choice.',
    ),
  nodeSelector: boundedRecord(labelName, labelValue, 32)
    .default({})
    .describe('Labels of the nodes that workers may run on.'),
  tolerations: z.array(toleration).max(32).default([]).describe('Taints that worker pods tolerate.'),
  queueName: objectName.optional().describe('Kueue LocalQueue that admits the Jobs.'),
  priorityClassName: objectName.optional().describe('PriorityClass of the pods.'),
  schedulerName: objectName.optional().describe('Scheduler of the pods. Default: the cluster’s.'),
});
