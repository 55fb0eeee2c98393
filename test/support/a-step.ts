import { ALGORITHM_VERSIONS, type StepDescription, type StepIdentity } from '#steps/step.ts';

/** A step description of which a test says only what it is about. */
export function aStep(identity: Partial<StepIdentity> = {}, inputSteps: Record<string, string> = {}): StepDescription {
  const kind = identity.kind ?? 'train';
  return {
    identity: {
      kind,
      algorithmVersion: ALGORITHM_VERSIONS[kind],
      inputs: {},
      options: { fold: 0 },
      numerics: null,
      ...identity,
    },
    inputSteps,
    title: 'train 2d fold 0',
    task: { name: 'phantom', uid: 'uid-1' },
    datasetUri: 'file:///data/phantom',
    checkpointIntervalSeconds: 180,
    pretrainedWeightsUri: null,
  };
}
