/** A Task of one tiny 2D network on made data; what differs between tests is overwritten. */
export const smallTask = (name: string, datasetUri: string, training: object = {}, spec: object = {}) => ({
  apiVersion: 'pentafold.io/v1alpha1',
  kind: 'Task',
  metadata: { name },
  spec: {
    dataset: { uri: datasetUri },
    planner: { overrides: { '2d': { patchSize: [32, 32], batchSize: 4, featuresPerStage: [4, 8, 8] } } },
    configurations: ['2d'],
    folds: 2,
    training: {
      epochs: 2,
      iterationsPerEpoch: 4,
      validationIterationsPerEpoch: 1,
      optimizer: 'adamw',
      initialLearningRate: 0.003,
      checkpointIntervalSeconds: 1,
      ...training,
    },
    workers: { threads: 1, resources: { memory: '1Gi' } },
    ...spec,
  },
});
