import { describe, expect, test } from 'vitest';
import { taskSpec } from '#api/v1alpha1/kinds.ts';
import { isInStore } from '../cluster.ts';
import { LocalDataError, requireSharedData } from './local-data-error.ts';

const aTask = (uri: string, pretrainedWeights = {}) => ({
  spec: taskSpec.parse({ dataset: { uri }, training: { pretrainedWeights } }),
});

describe('requireSharedData', () => {
  test('takes what is in an object store', () => {
    expect(() =>
      requireSharedData(aTask('s3://imaging/liver', { '2d': 's3://imaging/weights' }), isInStore),
    ).not.toThrow();
  });

  test.each([
    {
      task: aTask('file:///data/liver'),
      says: "spec.dataset.uri: 'file:///data/liver' is no address in an object store",
    },
    { task: aTask('s3://Imaging_Data/liver'), says: "'s3://Imaging_Data/liver' is no address in an object store" },
    { task: aTask('s3:/imaging/liver'), says: "'s3:/imaging/liver' is no address in an object store" },
    { task: aTask('../data/liver'), says: 'pods cannot see the folders of this machine; copy it to a bucket' },
    {
      task: aTask('s3://imaging/liver', { '2d': 'weights.pth' }),
      says: "spec.training.pretrainedWeights.2d: 'weights.pth'",
    },
  ])('refuses what is on this machine: $says', ({ task, says }) => {
    expect(() => requireSharedData(task, isInStore)).toThrow(LocalDataError);
    expect(() => requireSharedData(task, isInStore)).toThrow(says);
  });
});
