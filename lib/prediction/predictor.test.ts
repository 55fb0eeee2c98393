import { describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { aModel, type WeightsOf } from '#test/a-model.ts';
import { ShiftingEngine, shiftBy } from '#test/shifting-engine.ts';
import type { Inference } from './inference-json.ts';
import { ModelFolder } from './model-folder.ts';
import { Predictor, type RawCase } from './predictor.ts';

/** One row of voxels; none may be 0, or it would be cropped away. */
const aRow = (...voxels: number[]): RawCase => ({
  caseId: 'case_1',
  image: {
    channels: 1,
    shape: shapeZyx(1, 1, voxels.length),
    spacing: spacingZyx(1, 1, 1),
    data: Float32Array.from(voxels),
  },
});

/** A predictor that does as the model says, but for what is `asked`. */
async function open(
  files: ReadonlyMap<string, Uint8Array>,
  engine = new ShiftingEngine(),
  asked: Partial<Inference> = {},
) {
  const model = await ModelFolder.open(async (path) => files.get(path));
  return Predictor.open(model, engine, { ...model.inference, ...asked });
}

/** Shifts by configuration and fold. */
const shifts =
  (by: Readonly<Record<string, readonly number[]>>): WeightsOf =>
  (graph, configuration, fold) =>
    shiftBy(graph, by[configuration]?.[Number(fold)] ?? Number.NaN);

async function segment(
  inference: Partial<Inference>,
  by: Readonly<Record<string, readonly number[]>>,
  raw: RawCase,
  asked: Partial<Inference> = {},
) {
  await using predictor = await open(aModel(inference, shifts(by)), new ShiftingEngine(), asked);
  const { segmentation, probabilities } = await predictor.predict(raw, { probabilities: true });
  const plain = await predictor.predict(raw, { probabilities: false });
  expect(plain.probabilities).toBeNull();
  expect(plain.segmentation).toEqual(segmentation);
  return { segmentation: [...segmentation], probabilities: probabilities ?? new Float32Array() };
}

describe('Predictor', () => {
  it('takes the class of the higher logit, the lower class where both are equal', async () => {
    const { segmentation } = await segment({}, { '3d_fullres': [0] }, aRow(-1, 2, 0.001, -3, 5));
    expect(segmentation).toEqual([0, 1, 1, 0, 1]);
    const { segmentation: tied } = await segment({}, { '3d_fullres': [-2] }, aRow(2, 3, 1, 4));
    expect(tied).toEqual([0, 1, 0, 1]);
  });

  it('averages the logits of the folds, not their probabilities', async () => {
    // Logits 1.2, 1.2, -3: mean -0.2, so background. Probabilities 0.77, 0.77, 0.05: mean 0.53, which would be a blob.
    const { segmentation, probabilities } = await segment(
      { folds: [0, 1, 2] },
      { '3d_fullres': [0.2, 0.2, -4] },
      aRow(1, 1, 1, 1),
    );
    expect(segmentation).toEqual([0, 0, 0, 0]);
    expect(probabilities[4]).toBeCloseTo(1 / (1 + Math.exp(0.2)), 6);
  });

  it('averages only the folds it is asked for', async () => {
    const { segmentation } = await segment({ folds: [0, 1, 2] }, { '3d_fullres': [0.2, 0.2, -4] }, aRow(1, 1, 1, 1), {
      folds: [0, 1],
    });
    expect(segmentation).toEqual([1, 1, 1, 1]);
  });

  it('soft voting averages the members’ probabilities', async () => {
    // Blob: 0.88 and 0.27, mean 0.57. Background at -1.5 and below.
    const members = { members: ['2d', '3d_fullres'], voting: 'soft' } as const;
    const { segmentation, probabilities } = await segment(
      members,
      { '2d': [1], '3d_fullres': [-2] },
      aRow(1, 1, -1.5, -1.5),
    );
    expect(segmentation).toEqual([1, 1, 0, 0]);
    const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
    expect(probabilities[4]).toBeCloseTo((sigmoid(2) + sigmoid(-1)) / 2, 6);
    expect((probabilities[0] ?? 0) + (probabilities[4] ?? 0)).toBeCloseTo(1, 6);
  });

  it('hard voting lets the most certain member decide', async () => {
    // 2d: blob 0.88 at 1, 0.38 at -1.5. 3d_fullres: blob 0.05 and 0.004, so background by 0.95 and 0.996.
    const members = { members: ['2d', '3d_fullres'], voting: 'hard' } as const;
    const { segmentation, probabilities } = await segment(
      members,
      { '2d': [1], '3d_fullres': [-4] },
      aRow(1, 1, -1.5, 8),
    );
    expect(segmentation).toEqual([0, 0, 0, 1]);
    expect(probabilities[0]).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
    expect(probabilities[4]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
  });

  it('applies the model’s postprocessing to the segmentation, not to the probabilities', async () => {
    const { segmentation, probabilities } = await segment(
      { postprocessing: [[1]] },
      { '3d_fullres': [0] },
      aRow(1, -1, 1, 1),
    );
    expect(segmentation).toEqual([0, 0, 1, 1]);
    expect(probabilities[4]).toBeGreaterThan(0.5);
  });

  it.each([
    { mirroring: true, want: [0, 1, 2] },
    { mirroring: [2], want: [2] },
    { mirroring: false, want: [] },
  ])('mirrors along the axes that the model allows: $mirroring', async ({ mirroring, want }) => {
    const engine = new ShiftingEngine();
    await using predictor = await open(aModel({ mirroring }, shifts({ '3d_fullres': [0] })), engine);
    await predictor.predict(aRow(1, 1), { probabilities: false });
    expect(engine.mirrorAxes).toEqual(want);
  });

  it('calls voxels outside the nonzero box background', async () => {
    const { segmentation, probabilities } = await segment({}, { '3d_fullres': [5] }, aRow(0, 1, 1, 0));
    expect(segmentation).toEqual([0, 1, 1, 0]);
    expect(probabilities[0]).toBe(1);
  });

  it('loads the weights of each fold once, however many cases follow, and closes its networks', async () => {
    const engine = new ShiftingEngine();
    const files = aModel({ folds: [0, 1] }, shifts({ '3d_fullres': [0, 1] }));
    {
      await using predictor = await open(files, engine);
      await predictor.predict(aRow(1, 1), { probabilities: false });
      await predictor.predict(aRow(1, 1), { probabilities: false });
      expect(engine.open).toBe(2);
    }
    expect(engine.loads).toBe(2);
    expect(engine.open).toBe(0);
  });

  it('predicts with the weights of the best epoch when it is told so, and says where there are none', async () => {
    const files = aModel({}, shifts({ '3d_fullres': [0] }), shifts({ '3d_fullres': [-2] }));
    const predict = async (...checkpoint: ['best'?]) => {
      const model = await ModelFolder.open(async (path) => files.get(path));
      await using predictor = await Predictor.open(model, new ShiftingEngine(), model.inference, ...checkpoint);
      return [...(await predictor.predict(aRow(1, 3), { probabilities: false })).segmentation];
    };
    expect(await predict()).toEqual([1, 1]);
    expect(await predict('best')).toEqual([0, 1]);
    const without = await ModelFolder.open(async (path) => aModel().get(path));
    await expect(Predictor.open(without, new ShiftingEngine(), without.inference, 'best')).rejects.toMatchObject({
      code: 'MODEL_UNUSABLE',
      message: 'the model has no best weights of 3d_fullres, fold 0, only final ones; predict with those',
    });
  });

  it('closes what it opened when it cannot open all', async () => {
    const engine = new ShiftingEngine();
    engine.compilations = 1;
    const files = aModel({ folds: [0, 1] }, shifts({ '3d_fullres': [0, 1] }));
    await expect(open(files, engine)).rejects.toThrow('out of memory');
    expect(engine.open).toBe(0);
  });

  it('says how many of its networks are through', async () => {
    const files = aModel({ members: ['2d', '3d_fullres'], folds: [0, 1] });
    await using predictor = await open(files);
    const said: string[] = [];
    for (const probabilities of [true, false])
      await predictor.predict(aRow(1, 1), { probabilities, networkDone: (done, all) => said.push(`${done}/${all}`) });
    expect(said).toEqual(['1/4', '2/4', '3/4', '4/4', '1/4', '2/4', '3/4', '4/4']);
  });

  it('refuses an image with other channels', async () => {
    await using predictor = await open(aModel());
    const raw = aRow(1, 1);
    const twoChannels = { ...raw, image: { ...raw.image, channels: 2, data: Float32Array.of(1, 1, 1, 1) } };
    await expect(predictor.predict(twoChannels, { probabilities: false })).rejects.toThrow(
      'case case_1 has 2 channels, the model expects 1',
    );
  });
});
