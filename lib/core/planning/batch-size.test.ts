import { describe, expect, it } from 'vitest';
import { batchSize } from './batch-size.ts';
import { networkTopology } from './network-topology.ts';
import { plannedArchitecture } from './planned-architecture.ts';
import { PLANNERS } from './planners.ts';

const architecture = plannedArchitecture(PLANNERS.default, networkTopology([1, 1, 1], [64, 64, 64]));
const candidate = { patchSize: [64, 64, 64], architecture, estimate: 56e6 };

describe('batchSize', () => {
  it.each([
    { name: 'as many as the memory allows', datasetVoxels: 1e9, want: 20 },
    { name: 'no more than 5 % of the data set', datasetVoxels: 20 * 12 * 64 ** 3, want: 12 },
    { name: 'at least 2', datasetVoxels: 64 ** 3, want: 2 },
  ])('$name', ({ datasetVoxels, want }) => {
    expect(batchSize(PLANNERS.default, 560e6, candidate, datasetVoxels)).toBe(want);
  });

  it('covers the whole data set at most with a residual planner', () => {
    expect(batchSize(PLANNERS['resenc-l'], 560e6, candidate, 15 * 64 ** 3)).toBe(15);
  });
});
