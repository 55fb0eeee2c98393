import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import type { DatasetFingerprint } from '#core/fingerprint/dataset-fingerprint.ts';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { type PlanningOptions, planExperiment } from './plan-experiment.ts';
import { InvalidPlanOverrideError } from './plan-overrides.ts';
import type { ConfigurationPlan, Plans } from './plans.ts';
import { UnplannableDatasetError } from './unplannable-dataset-error.ts';

type Triple = [number, number, number];

const aFingerprint = (spacing: Triple, shape: Triple, cases = 10): DatasetFingerprint => ({
  spacings: Array.from({ length: cases }, () => spacingZyx(...spacing)),
  shapesAfterCrop: Array.from({ length: cases }, () => shapeZyx(...shape)),
  foregroundIntensities: [],
  medianRelativeSizeAfterCropping: 1,
});
const aDataset = (numTraining = 10): DatasetDescription => ({
  name: 'Phantom',
  channelNames: ['MRI'],
  labels: [
    { name: 'background', value: 0 },
    { name: 'organ', value: 1 },
  ],
  fileEnding: '.nii.gz',
  numTraining,
});
const planned = (fingerprint: DatasetFingerprint, options: Partial<PlanningOptions> = {}): Plans =>
  planExperiment(fingerprint, aDataset(fingerprint.spacings.length), {
    planner: 'default',
    imageReaderWriter: 'SimpleITKIO',
    gpuMemoryTargetGiB: null,
    overrides: {},
    configurations: ['2d', '3d_fullres'],
    ...options,
  });
const names = (plans: Plans) => plans.configurations.map(({ name }) => name);
const all = ['2d', '3d_lowres', '3d_fullres', '3d_cascade_fullres'] as const;

describe('planExperiment', () => {
  it('plans small volumes whole', () => {
    const [flat, full] = planned(aFingerprint([1, 1, 1], [64, 64, 64])).configurations;
    expect(flat).toMatchObject({ name: '2d', patchSize: [64, 64], batchSize: 32, batchDice: true });
    expect(full).toMatchObject({ name: '3d_fullres', patchSize: [64, 64, 64], batchSize: 2, batchDice: false });
    expect(full?.architecture.strides).toHaveLength(5);
  });

  it('plans single slices in 2D only', () => {
    const plans = planned(aFingerprint([999, 1, 1], [1, 512, 512], 100));
    expect(names(plans)).toEqual(['2d']);
    expect(plans.configurations[0]).toMatchObject({ patchSize: [512, 512], batchSize: 5 });
  });

  it('plans a lower resolution for large volumes if asked to, and then full resolution for batch Dice', () => {
    const large = aFingerprint([1, 1, 1], [600, 512, 512]);
    expect(names(planned(large, { configurations: all }))).toEqual([...all]);
    expect(names(planned(large))).toEqual(['2d', '3d_fullres']);
    expect(planned(large).configurations.map(({ batchDice }) => batchDice)).toEqual([true, true]);
  });

  it('links a cascade with its previous stage, and plans that with it', () => {
    const large = aFingerprint([1, 1, 1], [600, 512, 512]);
    const [low, cascade] = planned(large, { configurations: ['3d_cascade_fullres'] }).configurations;
    const [full] = planned(large, { configurations: ['3d_fullres'] }).configurations;
    expect(low).toMatchObject({ name: '3d_lowres', nextStages: ['3d_cascade_fullres'], previousStage: null });
    expect(cascade).toEqual({ ...full, name: '3d_cascade_fullres', previousStage: '3d_lowres' });
    expect(planned(large, { configurations: ['3d_lowres'] }).configurations[0]?.nextStages).toEqual([]);
    const small = aFingerprint([1, 1, 1], [64, 64, 64]);
    expect(names(planned(small, { configurations: all }))).toEqual(['2d', '3d_fullres']);
  });

  it('gives a cascade the overrides of 3d_fullres, unless it has its own', () => {
    const large = aFingerprint([1, 1, 1], [600, 512, 512]);
    const batches = (overrides: PlanningOptions['overrides']) =>
      planned(large, { configurations: all, overrides }).configurations.map(({ batchSize }) => batchSize);
    const [flat = 0, low = 0] = batches({});
    expect(batches({ '3d_fullres': { batchSize: 7 } })).toEqual([flat, low, 7, 7]);
    const own = { '3d_fullres': { batchSize: 7 }, '3d_cascade_fullres': { batchSize: 5 } };
    expect(batches(own)).toEqual([flat, low, 7, 5]);
  });

  it('drops a lower resolution with less than half fewer voxels, and then has no batch Dice at full resolution', () => {
    // 208³ is a little more than four patches of 128³, so one step of 3 % is enough.
    const [, full, ...others] = planned(aFingerprint([1, 1, 1], [208, 208, 208]), {
      configurations: all,
    }).configurations;
    expect(full).toMatchObject({ name: '3d_fullres', patchSize: [128, 128, 128], batchDice: false });
    expect(others).toEqual([]);
  });

  it('puts the coarsest axis first', () => {
    const plans = planned(aFingerprint([0.8, 0.8, 3], [300, 320, 40]));
    expect(plans.transposeForward).toEqual([2, 0, 1]);
    expect(plans.transposeBackward).toEqual([1, 2, 0]);
    expect(plans.originalMedianSpacing).toEqual([3, 0.8, 0.8]);
    expect(plans.originalMedianShape).toEqual([40, 300, 320]);
  });

  it('keeps to the memory it is given', () => {
    const fingerprint = aFingerprint([1, 1, 1], [200, 200, 200]);
    const patch = (gpuMemoryTargetGiB: number) =>
      planned(fingerprint, { gpuMemoryTargetGiB, configurations: ['3d_fullres'] }).configurations[0]?.patchSize;
    expect(patch(8)).toEqual([128, 128, 128]);
    expect(patch(4)).toEqual([112, 112, 96]);
  });

  it('follows overrides', () => {
    const plans = planned(aFingerprint([1, 1, 1], [36, 50, 35]), {
      overrides: { '2d': { batchSize: 4 }, '3d_fullres': { featuresPerStage: [8, 16, 32, 64] } },
    });
    expect(plans.configurations[0]?.batchSize).toBe(4);
    expect(plans.configurations[1]?.architecture.featuresPerStage).toEqual([8, 16, 32, 64]);
  });

  it('refuses to override what is not planned', () => {
    const plan = () => planned(aFingerprint([1, 1, 1], [64, 64, 64]), { overrides: { '3d_lowres': { batchSize: 2 } } });
    expect(plan).toThrow(InvalidPlanOverrideError);
    expect(plan).toThrow('overrides name the configuration 3d_lowres, but the plans have 2d, 3d_fullres only');
  });

  it.each([
    {
      name: 'images too small to pool',
      shape: [7, 7, 7],
      want: '2d cannot be planned: images of 7 x 7 voxels are too',
    },
    { name: 'single slices along a fine axis', shape: [64, 64, 1], want: 'single slices must lie along the axis' },
  ] as { name: string; shape: Triple; want: string }[])('refuses $name', ({ shape, want }) => {
    const plan = () => planned(aFingerprint([1, 1, 1], shape));
    expect(plan).toThrow(UnplannableDatasetError);
    expect(plan).toThrow(want);
  });

  it('refuses a memory target that no patch fits', () => {
    const plan = () => planned(aFingerprint([1, 1, 1], [64, 64, 64]), { gpuMemoryTargetGiB: 0.001 });
    expect(plan).toThrow('no patch that can be pooled fits the memory; raise gpuMemoryTarget');
  });

  it('refuses one that fits only a patch whose shortest axis has shrunk to nothing', () => {
    const strip = aFingerprint([0.05, 0.05, 0.05], [1, 2, 193]);
    expect(() => planned(strip, { gpuMemoryTargetGiB: 0.001, configurations: ['2d'] })).toThrow(
      'raise gpuMemoryTarget',
    );
  });

  it('gives up on a lower resolution of a slab before its slices vanish', () => {
    const slab = aFingerprint([1, 1, 1], [4000, 4000, 2]);
    expect(names(planned(slab, { configurations: ['3d_lowres', '3d_fullres'] }))).toEqual(['3d_fullres']);
  });

  const mm = fc.double({ min: 0.05, max: 20, noNaN: true });
  const extent = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 3000 }));
  const grids = fc.array(fc.record({ spacing: fc.tuple(mm, mm, mm), shape: fc.tuple(extent, extent, extent) }), {
    minLength: 1,
    maxLength: 4,
  });
  const planner = fc.constantFrom<PlanningOptions['planner']>('default', 'resenc', 'resenc-m', 'resenc-xl');
  const memory = fc.option(fc.constantFrom(0.001, 0.05, 1, 4, 80));

  it('plans whatever grids there are, or says why not', () => {
    fc.assert(
      fc.property(grids, planner, memory, (cases, name, gpuMemoryTargetGiB) => {
        const fingerprint: DatasetFingerprint = {
          ...aFingerprint([1, 1, 1], [1, 1, 1]),
          spacings: cases.map(({ spacing }) => spacingZyx(...spacing)),
          shapesAfterCrop: cases.map(({ shape }) => shapeZyx(...shape)),
        };
        let plans: Plans;
        try {
          plans = planned(fingerprint, { planner: name, gpuMemoryTargetGiB, configurations: all });
        } catch (error) {
          expect(error).toBeInstanceOf(UnplannableDatasetError);
          return;
        }
        for (const plan of plans.configurations) expectTrainable(plan, plans);
      }),
      { numRuns: 400 },
    );
  });
});

function expectTrainable(plan: ConfigurationPlan, plans: Plans): void {
  const { patchSize, batchSize, architecture, previousStage, nextStages } = plan;
  expect(batchSize).toBeGreaterThanOrEqual(2);
  expect(Number.isInteger(batchSize)).toBe(true);
  // Two resolutions at least: one has no decoder, and deep supervision needs a lower output to weigh down.
  expect(architecture.strides.length).toBeGreaterThanOrEqual(2);
  patchSize.forEach((voxels, axis) => {
    const divisor = architecture.strides.reduce((d, stride) => d * (stride[axis] ?? 0), 1);
    expect(voxels % divisor).toBe(0);
    expect(voxels).toBeGreaterThan(0);
    if (divisor > 1) expect(voxels / divisor).toBeGreaterThanOrEqual(4);
  });
  for (const name of [...(previousStage === null ? [] : [previousStage]), ...nextStages])
    expect(names(plans)).toContain(name);
}
