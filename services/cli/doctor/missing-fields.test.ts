import { expect, test } from 'vitest';
import { missingFields } from './missing-fields.ts';

const text = { type: 'string' };
const ours = {
  properties: {
    spec: {
      properties: {
        name: text,
        training: { properties: { epochs: text, precision: text } },
        tolerations: { items: { properties: { key: text, effect: text } } },
        overrides: { additionalProperties: { properties: { batchSize: text } } },
        labels: { additionalProperties: text },
      },
    },
  },
};

test('names what an older schema lacks, also within lists and maps', () => {
  const older = {
    properties: {
      spec: {
        properties: {
          name: text,
          training: { properties: { epochs: text } },
          tolerations: { items: { properties: { key: text } } },
          overrides: { additionalProperties: { properties: {} } },
          labels: { additionalProperties: text },
        },
      },
    },
  };
  expect(missingFields(ours, older)).toEqual([
    'spec.training.precision',
    'spec.tolerations.effect',
    'spec.overrides.batchSize',
  ]);
});

test('of a group that is missing names only the group', () => {
  expect(missingFields(ours, { properties: {} })).toEqual(['spec']);
});

test('a newer schema lacks nothing', () => {
  const { spec } = ours.properties;
  const newer = { properties: { spec: { properties: { ...spec.properties, more: text } }, status: text } };
  expect(missingFields(ours, newer)).toEqual([]);
});
