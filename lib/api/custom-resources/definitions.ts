// The CustomResourceDefinitions of our two kinds, made from the schemas that also parse the files of `pentafold run`.

import type * as z from 'zod';
import { API_VERSION, modelSpec, taskSpec, taskStatus } from '../v1alpha1/kinds.ts';
import { type StructuralSchema, structuralSchema } from './structural-schema.ts';

const [GROUP = '', VERSION = ''] = API_VERSION.split('/');

/** A column of `kubectl get`. */
interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 1: only with `-o wide`. */
  readonly priority?: number;
}

interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly description: string;
  readonly spec: z.ZodType;
  readonly specDescription: string;
  readonly status?: z.ZodType;
  readonly columns: readonly Column[];
}

const AGE: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since it was made.',
};

const TASK: Kind = {
  kind: 'Task',
  plural: 'tasks',
  shortName: 'pft',
  description:
    'A data set to be turned into a published segmentation model, as nnU-Net does it: fingerprint, plans, preprocessing, ' +
    'every configuration times every fold, ensembles, postprocessing.',
  spec: taskSpec,
  specDescription: 'What is wanted. It may change at any time: what stays the same is not computed again.',
  status: taskStatus,
  columns: [
    {
      name: 'State',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Succeeded")].reason',
      description: 'Why it has, or has not yet, succeeded.',
    },
    { name: 'Progress', type: 'string', jsonPath: '.status.progress', description: 'Share of the work that is done.' },
    {
      name: 'Best-Dice',
      type: 'string',
      jsonPath: '.status.best.dice',
      description: 'Mean foreground Dice of the best candidate.',
    },
    {
      name: 'ETA',
      type: 'string',
      jsonPath: '.status.estimatedCompletionTime',
      description: 'When it will be done, if it goes on as it does.',
    },
    AGE,
    {
      name: 'Best',
      type: 'string',
      jsonPath: '.status.best.members',
      description: 'The configurations of the best candidate.',
      priority: 1,
    },
    { name: 'Model', type: 'string', jsonPath: '.status.model.name', description: 'What it published.', priority: 1 },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Succeeded")].message',
      description: 'The same in words.',
      priority: 1,
    },
  ],
};

const MODEL: Kind = {
  kind: 'Model',
  plural: 'models',
  shortName: 'pfm',
  description:
    'A published segmentation model. Its content does not change; a new one of its name has a higher version.',
  spec: modelSpec,
  specDescription: 'What was published, and where its files are.',
  columns: [
    { name: 'Version', type: 'integer', jsonPath: '.spec.version', description: 'Counts up under the name.' },
    { name: 'Task', type: 'string', jsonPath: '.spec.task', description: 'The Task that made it.' },
    {
      name: 'Dice',
      type: 'string',
      jsonPath: '.spec.best.meanDice',
      description: 'Mean foreground Dice of its cross-validation.',
    },
    AGE,
    {
      name: 'Members',
      type: 'string',
      jsonPath: '.spec.best.members',
      description: 'The configurations that vote.',
      priority: 1,
    },
  ],
};

/** Names become those of pods and paths, which may hold no dots and must have room for more. */
const NAME_RULE = {
  rule: "size(self.metadata.name) <= 63 && !self.metadata.name.contains('.')",
  message: 'metadata.name: expected lower-case letters, digits and dashes, at most 63',
};

function definition({ kind, plural, shortName, description, spec, specDescription, status, columns }: Kind) {
  const schema: StructuralSchema = {
    type: 'object',
    description,
    required: ['spec'],
    'x-kubernetes-validations': [NAME_RULE],
    properties: {
      apiVersion: { type: 'string', description: `Always ${API_VERSION}.` },
      kind: { type: 'string', description: `Always ${kind}.` },
      metadata: { type: 'object' },
      spec: { ...structuralSchema(spec, 'spec'), description: specDescription },
      ...(status === undefined
        ? {}
        : { status: { ...structuralSchema(status, 'status'), description: 'How it is; written by the controller.' } }),
    },
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}`, labels: { 'app.kubernetes.io/name': 'pentafold' } },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: [shortName],
        categories: ['pentafold'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          ...(status === undefined ? {} : { subresources: { status: {} } }),
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: schema },
        },
      ],
    },
  };
}

/** How an administrator installs the definitions or brings them up to date, whoever installed them before. */
export const INSTALL_DEFINITIONS = 'kubectl apply --server-side --force-conflicts -f charts/pentafold/crds';

/** By the name of the file that each is kept in. */
export const customResourceDefinitions = () => ({ tasks: definition(TASK), models: definition(MODEL) });
