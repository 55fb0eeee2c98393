import { expect, test } from 'vitest';
import { taskSpec, taskStatus } from '../v1alpha1/kinds.ts';
import { customResourceDefinitions } from './definitions.ts';
import type { StructuralSchema } from './structural-schema.ts';

const { tasks, models } = customResourceDefinitions();

const [version] = tasks.spec.versions;
const { spec, status } = version?.schema.openAPIV3Schema.properties ?? {};

test.each([tasks, models])('$metadata.name is served as one stored version', ({ spec }) => {
  expect(spec.versions).toMatchObject([{ name: 'v1alpha1', served: true, storage: true }]);
});

test('both kinds have a short name and are found under one category', () => {
  expect([tasks, models].map(({ spec }) => spec.names)).toMatchObject([
    { shortNames: ['pft'], categories: ['pentafold'] },
    { shortNames: ['pfm'], categories: ['pentafold'] },
  ]);
});

test('the Task has every field of its schemas, and a status of its own', () => {
  expect(Object.keys(spec?.properties ?? {})).toEqual(Object.keys(taskSpec.shape));
  expect(Object.keys(status?.properties ?? {})).toEqual(Object.keys(taskStatus.shape));
  expect(version?.subresources).toEqual({ status: {} });
});

test('conditions and configurations are merged by their keys', () => {
  expect(status?.properties?.conditions).toMatchObject({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  });
  expect(status?.properties?.configurations).toMatchObject({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
  });
});

/** Bytes of the largest value that a schema takes, each character counted as one. */
function largest(schema: StructuralSchema): number {
  const { properties, items, maxItems, maxLength, enum: words } = schema;
  if (properties !== undefined)
    return Object.entries(properties).reduce((sum, [name, inner]) => sum + name.length + 4 + largest(inner), 2);
  if (items !== undefined) return 2 + Number(maxItems) * (1 + largest(items));
  if (Array.isArray(words)) return 2 + Math.max(...words.map((word) => String(word).length));
  return 2 + Number(maxLength ?? 30);
}

test('the largest status that there can be is far from the 1.5 MB that etcd takes', () => {
  expect(largest(status ?? {})).toBeLessThan(100_000);
});
