// The two kinds of pentafold.io/v1alpha1. One zod schema each: it parses the YAML here and becomes the CRD on a cluster.

import * as z from 'zod';
import { PRECISIONS } from '#core/training/precision.ts';
import { augmentationChoice } from './augmentation.ts';
import { workersSpec } from './workers.ts';

export const API_VERSION = 'pentafold.io/v1alpha1';

/**
 * Annotation by which a person asks that a failed Task be tried again: `kubectl annotate --overwrite task liver
 * pentafold.io/retry-requested-at="$(date -Is)"`. Each value asks once, so a time is a good one.
 */
export const RETRY_ANNOTATION = 'pentafold.io/retry-requested-at';

/** What of its value counts, in characters. */
export const LONGEST_RETRY_REQUEST = 64;

/** Finalizer of a Task that takes what it stored with it. */
export const STORED_DATA_FINALIZER = 'pentafold.io/stored-data';

const objectName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'expected lower-case letters, digits and dashes, at most 63')
  .describe('Name, as Kubernetes names objects.');

const configurationName = z
  .enum(['2d', '3d_fullres', '3d_lowres', '3d_cascade_fullres'])
  .describe('A configuration of the plans.');

const extent = z.array(z.int().min(1).max(4096)).min(2).max(3);

const planOverride = z
  .strictObject({
    patchSize: extent
      .optional()
      .describe('Network input in voxels, coarsest axis first; rounded up to what pooling needs.'),
    batchSize: z.int().min(1).max(4096).optional().describe('Patches per step.'),
    featuresPerStage: z
      .array(z.int().min(1).max(4096))
      .min(2)
      .max(13)
      .optional()
      .describe('Feature maps per resolution; its length also limits the number of stages.'),
  })
  .describe('Values that replace the planner’s own in plans.json.');

const uri = z.string().min(1).max(1024);

const isAscending = (numbers: readonly number[]): boolean =>
  numbers.every((number, i) => i === 0 || number > (numbers[i - 1] ?? 0));

export const taskSpec = z.strictObject({
  dataset: z
    .strictObject({
      uri: z
        .string()
        .min(1)
        .max(1024)
        .describe(
          'Where the data set lies: s3://bucket/prefix on a cluster; on one machine also a file: URI or a path, relative to ' +
            'this file. nnU-Net v2 and MSD layouts are recognised.',
        ),
      selection: z
        .strictObject({
          train: z.int().min(1).max(1_000_000).describe('How many labelled cases to train on.'),
          test: z.int().min(0).max(1_000_000).default(0).describe('How many other labelled cases to keep out.'),
          seed: z.int().min(0).max(4_294_967_295).default(0).describe('Seed of the choice.'),
        })
        .optional()
        .describe('A seeded choice of the labelled cases. Default: all of them train.'),
    })
    .describe('The data set to learn from.'),
  planner: z
    .strictObject({
      name: z
        .enum(['default', 'resenc', 'resenc-m', 'resenc-l', 'resenc-xl'])
        .default('default')
        .describe('The experiment planner.'),
      gpuMemoryTarget: z
        .string()
        .max(7)
        .regex(/^[1-9][0-9]{0,4}Gi$/, 'expected whole gibibytes such as 8Gi')
        .optional()
        .describe('Memory the plans may use, for example 8Gi. Default: the planner’s own.'),
      overrides: z.partialRecord(configurationName, planOverride).default({}).describe('Per configuration.'),
    })
    .prefault({})
    .describe('How the plans are made.'),
  configurations: z
    .array(configurationName)
    .min(1)
    .max(4)
    .optional()
    .describe('Which configurations to train, and the stages that they build on. Default: all that the plans contain.'),
  folds: z
    .union([z.int().min(2).max(20), z.literal('all')], 'expected a whole number of 2 to 20, or all')
    .default(5)
    .describe('Folds of the cross-validation; all: one training on every case, whose scores are not held out.'),
  training: z
    .strictObject({
      epochs: z.int().min(1).max(100_000).default(1000).describe('Epochs per fold.'),
      iterationsPerEpoch: z.int().min(1).max(100_000).default(250).describe('Training steps per epoch.'),
      validationIterationsPerEpoch: z.int().min(1).max(100_000).default(50).describe('Validation batches per epoch.'),
      seed: z.int().min(0).max(4_294_967_295).default(0).describe('Seed of weights, patches and augmentation.'),
      optimizer: z
        .enum(['sgd', 'adamw'])
        .default('sgd')
        .describe('sgd is nnU-Net’s: Nesterov 0.99. adamw suits short schedules.'),
      initialLearningRate: z.number().positive().max(10).default(0.01).describe('Before the polynomial decay.'),
      augmentation: augmentationChoice
        .default('v2')
        .describe('v2: nnU-Net’s. v1: with elastic deformation. Or settings of its own; what they leave out is v2’s.'),
      oversampleForeground: z
        .number()
        .min(0)
        .max(1)
        .default(0.33)
        .describe('Share of each batch that must contain foreground.'),
      continueFrom: z
        .array(z.int().min(1).max(100_000))
        .max(100)
        .default([])
        .describe(
          'Epochs of earlier schedules, ascending, that each fold is trained by before it goes on to `epochs`, as ' +
            'nnU-Net’s --c with more epochs: the rate then follows the new schedule from the epoch that was reached.',
        ),
      pretrainedWeights: z
        .partialRecord(configurationName, uri)
        .default({})
        .describe(
          'Per configuration: weights to start from, all but the segmentation heads. A .safetensors file, a .pth of ' +
            'nnU-Net v2, or the folder of a model; s3://bucket/prefix on a cluster, on one machine also a file: URI or a path, ' +
            'relative to this file.',
        ),
      checkpointIntervalSeconds: z
        .int()
        .min(1)
        .max(86_400)
        .default(180)
        .describe('Most seconds of work that a kill can cost.'),
      engine: z.enum(['torch', 'tfjs']).default('torch').describe('Which engine computes.'),
      precision: z
        .enum(PRECISIONS)
        .default('float32')
        .describe(
          'What convolutions compute in; weights and loss stay float32. bfloat16: faster on CPUs with avx512_bf16, refused without AVX512. float16, with its loss scaled: refused on CPUs, where it is tens of times slower than float32.',
        ),
    })
    .superRefine(({ continueFrom, epochs }, context) => {
      if (isAscending([...continueFrom, epochs])) return;
      const message = 'expected ascending numbers of epochs, the last below epochs';
      context.addIssue({ code: 'custom', path: ['continueFrom'], message, input: continueFrom });
    })
    .meta({
      'x-kubernetes-validations': [
        {
          // The API server also asks this of the default {}, before it fills in what is inside.
          rule:
            '!has(self.continueFrom) || (self.continueFrom.isSorted() && ' +
            'self.continueFrom.all(n, n < self.epochs && self.continueFrom.exists_one(m, m == n)))',
          message: 'expected ascending numbers of epochs, the last below epochs',
          fieldPath: '.continueFrom',
        },
      ],
    })
    .prefault({})
    .describe('The training schedule, as nnU-Net’s defaults unless said.'),
  inference: z
    .strictObject({
      stepFraction: z.number().positive().max(1).default(0.5).describe('Tile step as a fraction of the tile.'),
      mirroring: z.boolean().default(true).describe('Average over mirrored tiles.'),
    })
    .prefault({})
    .describe('How validation cases are predicted.'),
  ensembling: z
    .strictObject({
      voting: z
        .array(z.enum(['soft', 'hard']))
        .min(1)
        .max(2)
        .default(['soft', 'hard'])
        .describe('soft: mean of probabilities. hard: the class of the single highest probability of any member.'),
    })
    .prefault({})
    .describe('How pairs of configurations are joined.'),
  workers: workersSpec.prefault({}).describe('The processes or pods that do the work.'),
  publish: z
    .strictObject({ model: objectName.describe('Name of the Model.') })
    .optional()
    .describe('Default: the Task’s name.'),
  suspend: z.boolean().default(false).describe('Checkpoint and stop; false goes on.'),
  deletionPolicy: z
    .enum(['Retain', 'Delete'])
    .default('Retain')
    .describe(
      'What becomes of what the Task stored when it is deleted on a cluster. Delete: steps that no other Task and no ' +
        'Model needs are removed; those of specs that it had before stay.',
    ),
});

export type TaskSpec = z.infer<typeof taskSpec>;

const marks = z.record(z.string(), z.string()).optional();

export const taskManifest = z.strictObject({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('Task'),
  metadata: z.strictObject({
    name: objectName,
    namespace: objectName.optional().describe('On a cluster; on one machine there are none.'),
    labels: marks.describe('On a cluster.'),
    annotations: marks.describe('On a cluster.'),
  }),
  spec: taskSpec,
});

/** What a user writes, with defaults filled in. */
export type TaskManifest = z.infer<typeof taskManifest>;

/** Longest message of a condition: what a person reads, and far from what etcd takes. */
export const LONGEST_MESSAGE = 4096;

const conditionType = z
  .enum([
    'Accepted',
    'Planned',
    'Preprocessed',
    'Trained',
    'Ensembled',
    'Published',
    'Succeeded',
    'Failed',
    'Suspended',
    'Degraded',
  ])
  .describe('What is said to be so or not.');

export type ConditionType = z.infer<typeof conditionType>;

const condition = z
  .object({
    type: conditionType,
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it is so.'),
    reason: z.string().min(1).max(128).describe('Why, in PascalCase, for machines.'),
    message: z.string().max(LONGEST_MESSAGE).describe('A sentence, for people; no patient data.'),
    lastTransitionTime: z.iso.datetime().describe('Since when the status is what it is.'),
    observedGeneration: z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe('Generation of the spec it speaks of.'),
  })
  .describe('One thing that can be so or not, with its reason.');

export type Condition = Readonly<z.infer<typeof condition>>;

const threeDecimals = z.string().max(16);

const configurationStatus = z
  .object({
    name: z.string().min(1).max(63).describe('Name of the configuration.'),
    folds: z.int().min(0).max(1000).describe('How many folds there are to train.'),
    foldsDone: z.int().min(0).max(1000).describe('How many of them are trained and validated.'),
    meanDice: threeDecimals
      .exactOptional()
      .describe('Mean foreground Dice over the pooled cross-validation, three decimals; absent until scored.'),
  })
  .describe('How far one configuration is.');

export type ConfigurationStatus = Readonly<z.infer<typeof configurationStatus>>;

/** Bounded: nothing in it grows with epochs, cases or attempts. */
export const taskStatus = z.object({
  observedGeneration: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .describe('Generation of the spec that this is about.'),
  conditions: z
    .array(condition)
    .max(conditionType.options.length)
    .readonly()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] })
    .describe('Succeeded becomes True when the Model is published; Failed becomes True when nothing more is tried.'),
  progress: z
    .string()
    .max(4)
    .regex(/^[0-9]{1,3}%$/)
    .describe('Share of the forecast work that is done, such as 42%.'),
  estimatedCompletionTime: z.iso
    .datetime()
    .exactOptional()
    .describe('When the Task will be done, if it goes on as it does; absent while nothing can be said.'),
  configurations: z
    .array(configurationStatus)
    .max(8)
    .readonly()
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] })
    .describe('One row for each configuration that is trained.'),
  takenIn: z
    .object({
      generation: z.int().min(0).max(Number.MAX_SAFE_INTEGER).describe('Generation of the spec that asked for it.'),
      revision: z.string().min(1).max(128).describe('Digest of the data set’s listing, as it was then.'),
      pretrainedWeights: z
        .partialRecord(configurationName, z.string().min(1).max(128))
        .readonly()
        .describe('Per configuration: digest of the weights to start from.'),
    })
    .exactOptional()
    .describe(
      'What was taken in from outside for this generation. It stays until the spec changes or a retry is asked for: what ' +
        'is added to a data set meanwhile belongs to the next one.',
    ),
  lastRetryRequestedAt: z
    .string()
    .min(1)
    .max(LONGEST_RETRY_REQUEST)
    .exactOptional()
    .describe(`Value of the annotation ${RETRY_ANNOTATION} that was heard last; another one asks again.`),
  best: z
    .object({
      members: z.array(z.string().min(1).max(63)).max(8).readonly().describe('The configurations that vote.'),
      voting: z.enum(['soft', 'hard']).describe('How they are joined.'),
      dice: threeDecimals.describe('Mean foreground Dice of its cross-validation, three decimals.'),
    })
    .exactOptional()
    .describe('The candidate that ranks first; absent until all are scored.'),
  model: z
    .object({
      name: objectName.describe('Name of the Model.'),
      version: z.int().min(1).max(1_000_000_000).describe('The version that this Task made.'),
    })
    .exactOptional()
    .describe('What was published; absent until then.'),
});

export type TaskStatus = Readonly<z.infer<typeof taskStatus>>;

/** A configuration, or several that vote, with the score of its cross-validation. */
export const candidateSchema = z
  .object({
    members: z.array(z.string().min(1).max(63)).max(8).readonly().describe('The configurations that vote.'),
    voting: z.enum(['soft', 'hard']).describe('How they are joined.'),
    meanDice: z
      .number()
      .nullable()
      .describe(
        'Mean foreground Dice of its cross-validation; null where nnU-Net’s mean is not a number: a label is in no ' +
          'reference and in no prediction. Such a candidate ranks last.',
      ),
  })
  .readonly();

export type Candidate = z.infer<typeof candidateSchema>;

export interface Task extends TaskManifest {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation: number;
    readonly creationTimestamp: string;
    /** The value of `RETRY_ANNOTATION`, if there is one. */
    readonly retryRequestedAt?: string;
  };
  readonly status?: TaskStatus;
}

export const modelSpec = z
  .object({
    version: z.int().min(1).max(1_000_000_000).describe('Counts up with every model published under the name.'),
    task: objectName.describe('The Task that made it.'),
    step: z.string().min(1).max(128).describe('Digest of the publish step whose outputs are the model’s files.'),
    best: candidateSchema.describe('What was published, with the score of its cross-validation.'),
  })
  .readonly()
  .meta({
    'x-kubernetes-validations': [
      {
        rule: 'self.version > oldSelf.version || self == oldSelf',
        message: 'a version of a model does not change; publish a higher one',
      },
    ],
  });

/** A published, immutable, versioned model. Its files are the outputs of the step named in `spec.step`. */
export interface Model {
  readonly apiVersion: typeof API_VERSION;
  readonly kind: 'Model';
  readonly metadata: { readonly name: string; readonly creationTimestamp: string };
  readonly spec: z.infer<typeof modelSpec>;
}
