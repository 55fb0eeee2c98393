import { describe, expect, it } from 'vitest';
import { buildNetwork } from '#core/network/build-network.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { AugmentationPlan, BatchPlan, ElasticPlan, PreviousStagePlan } from '#core/training/batch-plan.ts';
import type { TargetLabels, TrainingSetup } from '#core/training/loss-options.ts';
import { aBatchPlan, anAugmentation, aSample } from '#test/a-batch-plan.ts';
import { checkBatch, checkInput, checkPlan, checkSetup, checkTiles } from './check-arguments.ts';

/** 2D, 2 channels in, 3 heads, 2 outputs, extents divisible by 4. */
const graph: NetworkGraph = buildNetwork(
  {
    kind: 'PlainConvUNet',
    dimensions: 2,
    featuresPerStage: [2, 2, 2],
    kernelSizes: [
      [3, 3],
      [3, 3],
      [3, 3],
    ],
    strides: [
      [1, 1],
      [2, 2],
      [2, 2],
    ],
    encoderBlocksPerStage: [1, 1, 1],
    decoderConvolutionsPerStage: [1, 1],
    convolutionBias: true,
    normEpsilon: 1e-5,
  },
  2,
  3,
);

const zeros = (...shape: number[]): { shape: number[]; data: Float32Array } => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});
const labels = (...shape: number[]): { shape: number[]; data: Int16Array } => ({
  shape,
  data: new Int16Array(shape.reduce((a, b) => a * b, 1)),
});
const tiles = { tileSize: [8, 8], starts: [[0], [0, 4]], weight: new Float32Array(64), mirrorAxes: [0] };
const plan = (change: Partial<BatchPlan> = {}): BatchPlan => aBatchPlan([8, 8], change);
const augmented = (change: Partial<AugmentationPlan>): BatchPlan =>
  plan({ samples: [aSample({ augmentation: anAugmentation(change) })] });
const classes: TargetLabels = { regions: null, ignore: null };
const setup = (...deepSupervisionWeights: number[]): TrainingSetup => ({
  loss: { labels: classes, batchDice: false, deepSupervisionWeights },
  optimizer: { kind: 'sgd', momentum: 0.99, weightDecay: 0 },
  gradientClip: 12,
  lossScaling: null,
  previousStageLabels: [],
});
const withLabels = (labels: TargetLabels): TrainingSetup => ({
  ...setup(1, 0),
  loss: { ...setup(1, 0).loss, labels },
});
const aCase = (channels: number) => ({
  caseId: 'case_1',
  shape: [1, 8, 8] as const,
  channels,
  imagePath: 'image',
  labelPath: 'label',
  previousStagePath: null,
});
/** One channel of image, one label of the stage before. */
const cascade: TrainingSetup = { ...setup(1, 0), previousStageLabels: [1] };
const ofCascade = (channels: number) => ({ ...aCase(channels), previousStagePath: 'previous' });
const deformed = (elastic: ElasticPlan): BatchPlan =>
  augmented({ spatial: { matrix: [1, 0, 0, 1], dummy2d: false, elastic } });
const changed = (change: Partial<PreviousStagePlan>): BatchPlan =>
  augmented({ previousStage: { operators: [], removals: [], ...change } });

describe('checks of what an engine is asked', () => {
  it('let pass what fits the network', () => {
    checkInput(graph, zeros(1, 2, 8, 12));
    checkTiles(graph, zeros(2, 3, 8, 12), tiles);
    checkSetup(graph, setup(1, 0), [aCase(2)]);
    checkBatch(graph, classes, { image: zeros(2, 2, 8, 8), targets: [labels(2, 8, 8), labels(2, 4, 4)] });
    checkPlan(graph, setup(1, 0), plan(), 1);
    checkPlan(graph, setup(1, 0), deformed({ amplitude: 3, sigma: 2, key: [1, 2] }), 1);
    checkSetup(graph, cascade, [ofCascade(1)]);
    checkPlan(graph, cascade, changed({ removals: [{ channel: 0, pick: 0.5, largestShare: 1 }] }), 1);
  });

  it.each<{ name: string; check: () => void; want: string }>([
    {
      name: 'an input of three axes',
      check: () => checkInput(graph, zeros(1, 2, 8, 8, 8)),
      want: 'expected an input of 2 spatial axes, got shape [1,2,8,8,8]',
    },
    {
      name: 'an input without samples',
      check: () => checkInput(graph, zeros(0, 2, 8, 8)),
      want: 'expected an input of at least 1 sample, got 0',
    },
    {
      name: 'an input that the strides do not divide',
      check: () => checkInput(graph, zeros(1, 2, 8, 6)),
      want: 'input extent 6 of axis 1 is not a multiple of 4',
    },
    {
      name: 'an image without a channel axis',
      check: () => checkTiles(graph, zeros(3, 8, 12), tiles),
      want: 'expected an image (C, z, y, x), got shape [3,8,12]',
    },
    {
      name: 'an image of other channels',
      check: () => checkTiles(graph, zeros(1, 3, 8, 12), tiles),
      want: 'expected an image of 2 channels, got 1',
    },
    {
      name: 'tiles of three axes',
      check: () => checkTiles(graph, zeros(2, 8, 8, 12), { ...tiles, tileSize: [8, 8, 8] }),
      want: 'expected tiles of 2 axes, got 3',
    },
    {
      name: 'a tile past the image',
      check: () => checkTiles(graph, zeros(2, 3, 8, 10), tiles),
      want: 'tile start 4 of axis 1 leaves the image of extent 10',
    },
    {
      name: 'an image smaller than a tile',
      check: () => checkTiles(graph, zeros(2, 3, 6, 12), tiles),
      want: 'image extent 6 is smaller than the tile 8; pad the image first',
    },
    {
      name: 'a weight short of a tile',
      check: () => checkTiles(graph, zeros(2, 3, 8, 12), { ...tiles, weight: new Float32Array(63) }),
      want: 'expected 64 values of tile weight for shape [8,8], got 63',
    },
    {
      name: 'a mirror axis that is not there',
      check: () => checkTiles(graph, zeros(2, 3, 8, 12), { ...tiles, mirrorAxes: [2] }),
      want: 'mirror axis 2 is not one of 2',
    },
    {
      name: 'deep supervision weights of another network',
      check: () => checkSetup(graph, setup(1), []),
      want: 'expected 2 deep supervision weights, one per output, got 1',
    },
    {
      name: 'no weight on the highest resolution',
      check: () => checkSetup(graph, setup(0, 1), []),
      want: 'expected a weight above 0 for the output of highest resolution, got 0',
    },
    {
      name: 'a region too few',
      check: () => checkSetup(graph, withLabels({ regions: [[1], [2]], ignore: null }), []),
      want: 'expected 3 regions, one per head, got 2',
    },
    {
      name: 'a label below 0 in a region',
      check: () => checkSetup(graph, withLabels({ regions: [[1], [-1], [2]], ignore: null }), []),
      want: 'expected labels 0 to 32767, got -1',
    },
    {
      name: 'to ignore a class',
      check: () => checkSetup(graph, withLabels({ regions: null, ignore: 2 }), []),
      want: 'the label to ignore, 2, is one that counts too',
    },
    {
      name: 'a case of other channels',
      check: () => checkSetup(graph, setup(1, 0), [aCase(1)]),
      want: 'case case_1: expected 2 channels, got 1',
    },
    {
      name: 'a target too few',
      check: () => checkBatch(graph, classes, { image: zeros(1, 2, 8, 8), targets: [labels(1, 8, 8)] }),
      want: 'expected 2 targets, one per output, got 1',
    },
    {
      name: 'a target of another extent',
      check: () =>
        checkBatch(graph, classes, { image: zeros(1, 2, 8, 8), targets: [labels(1, 8, 8), labels(1, 2, 2)] }),
      want: 'expected target 1 of shape [1,4,4], got [1,2,2]',
    },
    {
      name: 'a label that is no class',
      check: () =>
        checkBatch(graph, classes, {
          image: zeros(1, 2, 8, 8),
          targets: [{ shape: [1, 8, 8], data: new Int16Array(64).fill(-1) }, labels(1, 4, 4)],
        }),
      want: 'expected labels 0, 1, 2 in target 0, got -1',
    },
    {
      name: 'a patch of three axes',
      check: () => checkPlan(graph, setup(1, 0), plan({ patchSize: [8, 8, 8] }), 1),
      want: 'expected patches of 2 axes, got 3',
    },
    {
      name: 'a batch of nothing',
      check: () => checkPlan(graph, setup(1, 0), plan({ samples: [] }), 1),
      want: 'the batch has no sample',
    },
    {
      name: 'a case that was not given',
      check: () => checkPlan(graph, setup(1, 0), plan(), 0),
      want: 'the batch names case 0, the training has 0 cases',
    },
    {
      name: 'gammas of another number of channels',
      check: () => checkPlan(graph, setup(1, 0), augmented({ gamma: [1] }), 1),
      want: 'expected gamma of 2 channels, got 1',
    },
    {
      name: 'a blur of three axes',
      check: () => checkPlan(graph, setup(1, 0), augmented({ blur: [null, [1, 1, 1]] }), 1),
      want: 'expected blur of 2 axes, got 3',
    },
    {
      name: 'a matrix of three axes',
      check: () =>
        checkPlan(
          graph,
          setup(1, 0),
          augmented({ spatial: { matrix: Array(9).fill(0), dummy2d: false, elastic: null } }),
          1,
        ),
      want: 'expected a spatial matrix of 4 entries, got 9',
    },
    {
      name: 'a displacement that is not smooth',
      check: () => checkPlan(graph, setup(1, 0), deformed({ amplitude: 1, sigma: 0, key: [1, 2] }), 1),
      want: 'expected a sigma of displacement above 0, got 0',
    },
    {
      name: 'a displacement without an end',
      check: () => checkPlan(graph, setup(1, 0), deformed({ amplitude: Infinity, sigma: 1, key: [1, 2] }), 1),
      want: 'expected a finite amplitude of displacement, got Infinity',
    },
    {
      name: 'labels of a previous stage that are background',
      check: () => checkSetup(graph, { ...cascade, previousStageLabels: [0] }, []),
      want: 'expected labels 1 to 32767 of a previous stage, got 0',
    },
    {
      name: 'a case whose channels and labels are more than the network has',
      check: () => checkSetup(graph, cascade, [ofCascade(2)]),
      want: 'case case_1: expected 1 channels, got 2',
    },
    {
      name: 'a case without the previous stage',
      check: () => checkSetup(graph, cascade, [aCase(1)]),
      want: 'case case_1: the training has labels of a previous stage, but the case has none',
    },
    {
      name: 'a case with a previous stage that nobody reads',
      check: () => checkSetup(graph, setup(1, 0), [ofCascade(2)]),
      want: 'case case_1: the case has a previous stage, but the training has no labels of one',
    },
    {
      name: 'to change labels of a previous stage without one',
      check: () => checkPlan(graph, setup(1, 0), changed({}), 1),
      want: 'the plan changes labels of a previous stage, but the training has none',
    },
    {
      name: 'a channel of a previous stage that is not there',
      check: () =>
        checkPlan(graph, cascade, changed({ operators: [{ channel: 1, operator: 'erosion', radius: 1 }] }), 1),
      want: 'channel 1 of a previous stage is not one of 1',
    },
    {
      name: 'an operator without a radius',
      check: () =>
        checkPlan(graph, cascade, changed({ operators: [{ channel: 0, operator: 'erosion', radius: 0 }] }), 1),
      want: 'expected a radius above 0, got 0',
    },
    {
      name: 'a pick past the last component',
      check: () => checkPlan(graph, cascade, changed({ removals: [{ channel: 0, pick: 1, largestShare: 1 }] }), 1),
      want: 'expected a pick from 0 to below 1, got 1',
    },
    {
      name: 'a masked channel that is not there',
      check: () => checkPlan(graph, setup(1, 0), augmented({ maskedChannels: [2] }), 1),
      want: 'masked channel 2 is not one of 2',
    },
  ])('refuse $name', ({ check, want }) => {
    expect(check).toThrow(RangeError);
    expect(check).toThrow(want);
  });
});
