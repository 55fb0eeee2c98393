// A published model made by hand: two tiny configurations on unit spacing that leave the image as it is, weights by a
// formula or as the test says.

import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { extentNet, resolutionNet, shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import { networkOf } from '#core/network/network-of.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { ConfigurationPlan, Plans } from '#core/planning/plans.ts';
import { withPreviousStages } from '#core/planning/stages.ts';
import type { FoldName } from '#core/training/folds.ts';
import { formatDatasetJson } from '#formats/dataset-json.ts';
import { sha256 } from '#formats/digest.ts';
import { formatPlans } from '#formats/plans-json.ts';
import { encodeSafetensors } from '#formats/safetensors.ts';
import type { Inference } from '#prediction/inference-json.ts';
import { weightsPath } from '#prediction/model-folder.ts';
import type { ModelDescription } from '#prediction/model-json.ts';
import { outputOf } from '#steps/manifest.ts';

/** Weights of one fold, given its network. */
export type WeightsOf = (graph: NetworkGraph, configuration: string, fold: FoldName) => Tensors;

/**
 * Files of a model by path.
 *
 * @param inference what is to differ from one fold of 3d_fullres without mirroring.
 * @param bestWeightsOf `null`: the model comes without its best weights.
 */
export function aModel(
  inference: Partial<Inference> = {},
  weightsOf: WeightsOf = formulaWeights,
  bestWeightsOf: WeightsOf | null = null,
  plans = PLANS,
): Map<string, Uint8Array> {
  const full: Inference = {
    members: ['3d_fullres'],
    voting: 'soft',
    folds: [0],
    postprocessing: [],
    labels: DATASET.labels,
    stepFraction: 0.5,
    mirroring: false,
    ...inference,
  };
  const files = new Map([
    ['plans.json', text(formatPlans(plans))],
    ['dataset.json', text(formatDatasetJson(DATASET))],
    ['inference.json', text(JSON.stringify(full))],
  ]);
  const needed = withPreviousStages(full.members, plans.configurations);
  for (const plan of plans.configurations) {
    const { name } = plan;
    if (!needed.includes(name)) continue;
    const graph = networkOf(plan, DATASET);
    for (const fold of full.folds) {
      files.set(weightsPath(name, fold), encodeSafetensors(weightsOf(graph, name, fold)));
      if (bestWeightsOf !== null)
        files.set(weightsPath(name, fold, 'best'), encodeSafetensors(bestWeightsOf(graph, name, fold)));
    }
  }
  files.set('model.json', text(JSON.stringify(descriptionOf(full, files))));
  return files;
}

const DATASET: DatasetDescription = {
  name: 'blobs',
  channelNames: ['unscaled'],
  labels: [
    { name: 'background', value: 0 },
    { name: 'blob', value: 1 },
  ],
  fileEnding: '.nii.gz',
  numTraining: 2,
};

const RESAMPLING = { isSegmentation: false, order: 1, orderZ: 0, forceSeparateZ: null } as const;

const configurationOf = (name: string, dimensions: 2 | 3): ConfigurationPlan => ({
  name,
  dataIdentifier: `nnUNetPlans_${name}`,
  batchSize: 2,
  patchSize: extentNet(Array(dimensions).fill(4)),
  medianImageSize: Array(dimensions).fill(4),
  spacing: resolutionNet(Array(dimensions).fill(1)),
  normalizationSchemes: ['NoNormalization'],
  useMaskForNorm: [false],
  resampleImage: { ...RESAMPLING, order: 3 },
  resampleSegmentation: { ...RESAMPLING, isSegmentation: true },
  resampleProbabilities: RESAMPLING,
  architecture: {
    kind: 'PlainConvUNet',
    dimensions,
    featuresPerStage: [4, 8],
    kernelSizes: Array(2).fill(Array(dimensions).fill(3)),
    strides: [Array(dimensions).fill(1), Array(dimensions).fill(2)],
    encoderBlocksPerStage: [1, 1],
    decoderConvolutionsPerStage: [1],
    convolutionBias: true,
    normEpsilon: 1e-5,
  },
  batchDice: false,
  previousStage: null,
  nextStages: [],
});

/** The plans of the models made here. */
export const PLANS: Plans = {
  datasetName: 'blobs',
  plansName: 'nnUNetPlans',
  planner: 'ExperimentPlanner',
  imageReaderWriter: 'SimpleITKIO',
  originalMedianSpacing: spacingNet(1, 1, 1),
  originalMedianShape: shapeNet(4, 4, 4),
  transposeForward: [0, 1, 2],
  transposeBackward: [0, 1, 2],
  configurations: [configurationOf('2d', 2), configurationOf('3d_fullres', 3)],
  foregroundIntensities: [{ mean: 0, median: 0, std: 1, min: 0, max: 1, percentile00_5: 0, percentile99_5: 1 }],
};

/** The same with a cascade. */
export const CASCADE_PLANS: Plans = {
  ...PLANS,
  configurations: [
    { ...configurationOf('3d_lowres', 3), nextStages: ['3d_cascade_fullres'] },
    configurationOf('3d_fullres', 3),
    {
      ...configurationOf('3d_cascade_fullres', 3),
      dataIdentifier: 'nnUNetPlans_3d_fullres',
      previousStage: '3d_lowres',
    },
  ],
};

/** Parameter t, value i: 0.1 sin(0.37 i + 1.3 t), as golden/README.md has it but for its scaling. */
export const formulaWeights: WeightsOf = (graph, _, fold) =>
  new Map(
    graph.parameters.map(({ name, shape }, t): [string, Tensor] => {
      const values = shape.reduce((a, b) => a * b, 1);
      const data = Float32Array.from({ length: values }, (_, i) => Math.sin(0.37 * i + 1.3 * t + Number(fold)));
      return [name, { shape, data }];
    }),
  );

function descriptionOf(inference: Inference, files: ReadonlyMap<string, Uint8Array>): ModelDescription {
  const best = { members: inference.members, voting: inference.voting, meanDice: 0.5 };
  return {
    name: 'blobs',
    task: 'blobs',
    codeVersion: '0.1.0',
    provenance: {
      dataDigest: sha256(text('data')),
      plansDigest: sha256(text('plans')),
      trainingCases: 2,
      trainings: {},
    },
    best,
    ranking: [best],
    files: Object.fromEntries([...files].map(([path, bytes]) => [path, outputOf(bytes)])),
  };
}

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
