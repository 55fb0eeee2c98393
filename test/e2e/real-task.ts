import { smallTask } from '#test/cluster/small-task.ts';

/** Two configurations of tiny networks, two folds each, on a few real cases; float32 and one thread. */
export const realTask = (datasetUri: string) => {
  const network = { featuresPerStage: [4, 8, 8] };
  const overrides = {
    '2d': { patchSize: [32, 32], batchSize: 4, ...network },
    '3d_fullres': { patchSize: [32, 32, 32], batchSize: 2, ...network },
  };
  return smallTask(
    'hippocampus',
    datasetUri,
    { epochs: 3, iterationsPerEpoch: 10 },
    {
      dataset: { uri: datasetUri, selection: { train: 8, test: 0, seed: 0 } },
      planner: { overrides },
      configurations: ['2d', '3d_fullres'],
    },
  );
};
