// Constants of the method, each changed to a value that a slip of the hand might give it, and the test that must notice.
// A constant that can be changed without a test failing is one that could be wrong without anybody knowing.

/** One change of one file. */
export interface Mutant {
  /** Below the repository. */
  readonly file: string;
  /** Text that occurs in the file exactly once. */
  readonly source: string;
  readonly replacement: string;
  /** Test file that must fail, without `.test.ts`. */
  readonly test: string;
}

const changing = (file: string, test: string, ...changes: readonly (readonly [string, string])[]): Mutant[] =>
  changes.map(([source, replacement]) => ({ file: `${file}.ts`, source, replacement, test }));

export const MUTANTS: readonly Mutant[] = [
  ...changing('lib/core/planning/planners', 'test/parity/planning', [
    'referenceEstimate: { 2: 85e6, 3: 560e6 },',
    'referenceEstimate: { 2: 85e6, 3: 550e6 },',
  ]),
  ...changing(
    'lib/core/planning/planners',
    'test/parity/planning',
    ['BASE_FEATURES = 32', 'BASE_FEATURES = 30'],
    ['MIN_BATCH_SIZE = 2', 'MIN_BATCH_SIZE = 1'],
    ['{ 2: 512, 3: 320 }', '{ 2: 480, 3: 320 }'],
    ['2: 512, 3: 320', '2: 512, 3: 512'],
    [
      'REFERENCE_BATCH_SIZE: Readonly<Record<2 | 3, number>> = { 2: 12',
      'REFERENCE_BATCH_SIZE: Readonly<Record<2 | 3, number>> = { 2: 8',
    ],
    ['maxDatasetCovered: 1,', 'maxDatasetCovered: 0.05,'],
    ['3: 560e6 },\n    maxDatasetCovered: 0.05', '3: 560e6 },\n    maxDatasetCovered: 0.1'],
    ['{ 2: 85e6,', '{ 2: 95e6,'],
    ['{ 2: 135e6, 3: 680e6 },\n    maxDatasetCovered', '{ 2: 135e6, 3: 600e6 },\n    maxDatasetCovered'],
    ['{ 2: 135e6, 3: 680e6 },\n  },', '{ 2: 120e6, 3: 680e6 },\n  },'],
    ['3: 2100e6', '3: 1800e6'],
    ['{ 2: 560e6', '{ 2: 480e6'],
    ['3: 3600e6', '3: 3000e6'],
  ),
  // Beside nnU-Net's plans this one makes the search for a patch go on for ever.
  ...changing('lib/core/planning/planners', 'lib/core/planning/network-topology', [
    'MIN_BOTTLENECK_EDGE = 4',
    'MIN_BOTTLENECK_EDGE = 5',
  ]),
  ...changing(
    'lib/core/planning/network-topology',
    'test/parity/planning',
    ['COARSER = 2', 'COARSER = 3'],
    ['< 3 * MIN_BOTTLENECK_EDGE', '< 2 * MIN_BOTTLENECK_EDGE'],
  ),
  ...changing(
    'lib/core/planning/patch-size',
    'test/parity/planning',
    ['2048 ** 2', '512 ** 2'],
    ['256 ** 3', '128 ** 3'],
  ),
  ...changing(
    'lib/core/planning/plan-configuration',
    'test/parity/planning',
    ['isSegmentation: false, order: 3, orderZ: 0', 'isSegmentation: false, order: 1, orderZ: 0'],
    ['isSegmentation: true, order: 1, orderZ: 0', 'isSegmentation: true, order: 0, orderZ: 0'],
  ),
  ...changing('lib/core/planning/planned-architecture', 'test/parity/planning', [
    'normEpsilon: 1e-5',
    'normEpsilon: 1e-6',
  ]),
  ...changing(
    'lib/core/planning/plan-low-resolution',
    'test/parity/planning',
    ['ENOUGH_COVERED = 0.25', 'ENOUGH_COVERED = 0.2'],
    ['STEP = 1.03', 'STEP = 1.01'],
    ['COARSER = 2', 'COARSER = 3'],
    ['WORTH_IT = 2', 'WORTH_IT = 3'],
  ),
  ...changing(
    'lib/core/planning/target-spacing',
    'test/parity/planning',
    ['ANISOTROPY = 3', 'ANISOTROPY = 2'],
    ['      10,', '      25,'],
  ),
  ...changing('lib/core/planning/target-spacing', 'lib/core/planning/target-spacing', [
    'coarsestOther + 1e-5',
    'coarsestOther',
  ]),
  ...changing('lib/core/planning/normalization-choice', 'lib/core/planning/normalization-choice', [
    'MASKED_BELOW = 0.75',
    'MASKED_BELOW = 0.8',
  ]),
  ...changing('lib/core/preprocessing/separate-axis', 'lib/core/preprocessing/separate-axis', [
    'ANISOTROPY = 3',
    'ANISOTROPY = 4',
  ]),
  ...changing('lib/core/preprocessing/axis-interpolation', 'test/parity/resampling', [
    'SPLINE_PADDING = 12',
    'SPLINE_PADDING = 2',
  ]),
  ...changing(
    'lib/core/preprocessing/foreground-locations',
    'test/parity/preprocessing',
    ['SEED = 1234', 'SEED = 12345'],
    ['ENOUGH = 10_000', 'ENOUGH = 5_000'],
  ),
  ...changing('lib/core/preprocessing/foreground-locations', 'lib/core/preprocessing/foreground-locations', [
    'LEAST_SHARE = 0.01',
    'LEAST_SHARE = 0.02',
  ]),
  ...changing('lib/core/fingerprint/case-fingerprint', 'test/parity/fingerprint', [
    'SAMPLE_SEED = 1234',
    'SAMPLE_SEED = 4321',
  ]),
  ...changing(
    'lib/core/fingerprint/intensity-statistics',
    'test/parity/fingerprint',
    ['atPercent(0.5)', 'atPercent(1)'],
    ['atPercent(99.5)', 'atPercent(99)'],
  ),
  ...changing(
    'lib/api/v1alpha1/kinds',
    'lib/steps/unfold',
    ['.default(1000)', '.default(500)'],
    ['.default(250)', '.default(200)'],
    ['.default(50)', '.default(25)'],
    ['.max(10).default(0.01)', '.max(10).default(0.001)'],
    ['.default(0.33)', '.default(0.5)'],
    ['.default(0.5)', '.default(0.75)'],
  ),
  ...changing('lib/api/v1alpha1/kinds', 'lib/api/v1alpha1/parse-task', ['.default(5)', '.default(4)']),
  ...changing('lib/core/training/folds', 'test/parity/splits', ['SPLIT_SEED = 12345', 'SPLIT_SEED = 1234']),
  ...changing('lib/core/training/poly-learning-rate', 'test/parity/training-rules', ['EXPONENT = 0.9', 'EXPONENT = 1']),
  ...changing('lib/core/training/pseudo-dice', 'test/parity/training-rules', [
    '0.9 * previous + 0.1 * mean',
    '0.95 * previous + 0.05 * mean',
  ]),
  ...changing('lib/core/training/dice-cross-entropy', 'test/parity/losses', ['smooth = 1e-5', 'smooth = 1']),
  ...changing('lib/core/training/deep-supervision', 'test/parity/training-rules', ['0 : 0.5 ** k', '0 : 0.6 ** k']),
  ...changing(
    'services/worker/train/training-setup',
    'services/worker/train/training-setup',
    ['momentum: 0.99', 'momentum: 0.9'],
    ['WEIGHT_DECAY = 3e-5', 'WEIGHT_DECAY = 1e-4'],
    ['GRADIENT_CLIP = 12', 'GRADIENT_CLIP = 1'],
    ['beta1: 0.9,', 'beta1: 0.95,'],
    ['beta2: 0.999,', 'beta2: 0.98,'],
    ['epsilon: 1e-8', 'epsilon: 1e-5'],
  ),
  ...changing('lib/core/network/initialize-parameters', 'lib/core/network/initialize-parameters', [
    'LEAKY_SLOPE = 0.01',
    'LEAKY_SLOPE = 0.02',
  ]),
  ...changing(
    'lib/core/inference/gaussian-weight',
    'test/parity/inference',
    ['SIGMA_PER_TILE = 1 / 8', 'SIGMA_PER_TILE = 1 / 6'],
    ['PEAK = 10', 'PEAK = 1'],
    ['TRUNCATE = 4', 'TRUNCATE = 3'],
  ),
  ...changing('lib/core/network/u-net', 'lib/core/network/build-network', ['LEAKY_SLOPE = 0.01', 'LEAKY_SLOPE = 0.1']),
  ...changing(
    'lib/core/augmentation/patch-geometry',
    'test/parity/patch-sampling',
    ['zoomAllowance = 0.85', 'zoomAllowance = 0.7'],
    ['anisotropyForDummy2d = 3', 'anisotropyForDummy2d = 2'],
    ['elongationFor2dRotation = 1.5', 'elongationFor2dRotation = 2'],
    ['radians(30)', 'radians(15)'],
    ['radians(15)', 'radians(30)'],
  ),
  ...changing(
    'lib/core/augmentation/settings',
    'test/parity/augmentation',
    ['rotation: { chance: 0.2 }', 'rotation: { chance: 0.3 }'],
    ['factor: [0.7, 1.4]', 'factor: [0.7, 1.5]'],
    ['sigma: [0, 0.1]', 'sigma: [0, 0.01]'],
    ['gamma: { chance: 0.3, exponent: [0.7, 1.5] }', 'gamma: { chance: 0.3, exponent: [0.7, 1.4] }'],
    ['elastic: null', 'elastic: { chance: 0.1, amplitude: { 2: [0, 1], 3: [0, 1] }, sigma: [9, 13] }'],
    ['scaling: { chance: 0.2', 'scaling: { chance: 0.3'],
    ['noise: { chance: 0.1', 'noise: { chance: 0.15'],
    ['blur: { chance: 0.2', 'blur: { chance: 0.1'],
    ['brightness: { chance: 0.15, factor: [0.75, 1.25] }', 'brightness: { chance: 0.15, factor: [0.7, 1.3] }'],
    ['contrast: { chance: 0.15, factor: [0.75, 1.25] }', 'contrast: { chance: 0.15, factor: [0.65, 1.5] }'],
    ['lowResolution: { chance: 0.25', 'lowResolution: { chance: 0.125'],
    ['zoom: [0.5, 1]', 'zoom: [0.7, 1]'],
    ['gammaInverted: { chance: 0.1', 'gammaInverted: { chance: 0.3'],
    ['operator: { chance: 0.4', 'operator: { chance: 0.3'],
    ['radius: [1, 8]', 'radius: [1, 4]'],
    ['removal: { chance: 0.2', 'removal: { chance: 0.1'],
    ['largestShare: 0.15 }', 'largestShare: 0.5 }'],
  ),
  ...changing('lib/core/augmentation/settings', 'lib/core/augmentation/draw-augmentation-plan', [
    'mirror: { chance: 0.5',
    'mirror: { chance: 0.3',
  ]),
  ...changing('lib/core/augmentation/draw-augmentation-plan', 'lib/core/augmentation/draw-augmentation-plan', [
    'random.chance(0.5)',
    'random.chance(0.4)',
  ]),
  ...changing(
    'lib/core/augmentation/settings',
    'lib/core/augmentation/settings',
    ['900 / Math', '800 / Math'],
    ['200 / Math', '300 / Math'],
    ['sigma: [9, 13]', 'sigma: [9, 12]'],
  ),
  ...changing('lib/core/augmentation/blur', 'test/parity/augmentation', ['(6 * sigma + 0.5', '(8 * sigma + 0.5']),
  ...changing('lib/core/augmentation/binary-morphology', 'test/parity/cascade-augmentation', [
    'Math.floor(2 * radius + 1)',
    'Math.ceil(2 * radius + 1)',
  ]),
  ...changing('lib/core/dataset/label-map', 'lib/core/dataset/labels', ['probability > 0.5', 'probability >= 0.5']),
  ...changing(
    'lib/core/training/loss-scale',
    'lib/core/training/loss-scale',
    ['initialScale: 65536', 'initialScale: 32768'],
    ['growthFactor: 2,', 'growthFactor: 1.5,'],
    ['backoffFactor: 0.5', 'backoffFactor: 0.25'],
    ['growthInterval: 2000', 'growthInterval: 1000'],
    ['growthTracker + 1 < growthInterval', 'growthTracker < growthInterval'],
    ['scale * backoffFactor), growthTracker: 0', 'scale * backoffFactor), growthTracker'],
    ['lossScale <= 1', 'lossScale < 1'],
  ),
  ...changing('lib/core/training/loss-scale', 'services/worker/train/training-setup', [
    "precision === 'float16' ?",
    "precision === 'bfloat16' ?",
  ]),
  ...changing('lib/core/ensembling/voting', 'lib/core/ensembling/voting', [
    'lead === 0 && next < surest',
    'lead === 0 && next > surest',
  ]),
];
