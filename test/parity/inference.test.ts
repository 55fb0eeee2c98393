// Golden values: nnU-Net 2.8.1, compute_gaussian, compute_steps_for_sliding_window, export_prediction_from_logits (see
// shared/golden/README.md).

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { gaussianWeight } from '#core/inference/gaussian-weight.ts';
import { restoreProbabilities, restoreSegmentation } from '#core/inference/restore-to-grid.ts';
import { tileStarts } from '#core/inference/sliding-window.ts';
import { preprocessCase } from '#core/preprocessing/preprocess-case.ts';
import { readNifti } from '#formats/nifti.ts';
import { parsePlans } from '#formats/plans-json.ts';
import { type NpyArray, readNpz } from '#test/npy.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

const json = (path: string) => JSON.parse(readFileSync(sharedPath(path), 'utf8'));
const npz = (path: string) => readNpz(readFileSync(sharedPath(path)));

interface GoldenTiles {
  readonly image: number[];
  readonly tile: number[];
  readonly step: number;
  readonly positions: number[][];
}

describeWithShared('sliding-window inference as nnU-Net does', 'golden/inference', () => {
  const tiles: GoldenTiles[] = json('golden/inference/tile_positions.json');
  it(`tiles start where nnU-Net's do in ${tiles.length} cases`, () => {
    expect(tiles.length).toBe(300);
    for (const { image, tile, step, positions } of tiles) {
      expect(image.map((extent, axis) => tileStarts(extent, tile[axis] ?? 0, step))).toEqual(positions);
    }
  });

  const maps = [...npz('golden/inference/gaussian.npz')].filter(([name]) => name.startsWith('f16_'));
  it.each(maps)('the weights %s agree to the last bit of a float16', (name: string, want: NpyArray) => {
    const weights = gaussianWeight(name.slice('f16_'.length).split('x').map(Number));
    expect(weights.length).toBe(want.data.length);
    expect(weights.every((value, i) => value === want.data[i])).toBe(true);
  });

  it('logits on an unchanged grid become the same segmentation, by either route', () => {
    const arrays = npz('golden/inference/sliding_window.npz');
    const stored = arrays.get('logits_t3_mirror');
    const want = arrays.get('segmentation_t3_mirror');
    const plans = parsePlans(readFileSync(sharedPath('golden/inference/plans.json'), 'utf8'));
    const configuration = plans.configurations.find(({ name }) => name === 't3');
    if (!stored || !want || !configuration) throw new Error('the golden files of inference are incomplete');
    const image = readNifti(readFileSync(sharedPath('data/Task04_Hippocampus/imagesTr/hippocampus_001.nii.gz')));
    const { record } = preprocessCase({ caseId: 'hippocampus_001', image, label: null }, plans, configuration, []);
    const logits = { shape: stored.shape, data: Float32Array.from(stored.data) };

    const segmentation = restoreSegmentation(logits, record, plans, configuration, { classOrder: null });
    expect(segmentation.every((label, i) => label === want.data[i])).toBe(true);

    const probabilities = restoreProbabilities(logits, record, plans, configuration, { classOrder: null });
    const voxels = segmentation.length;
    const differing = segmentation.filter((label, i) => {
      const own = probabilities[label * voxels + i] ?? 0;
      return [0, 1, 2].some((head) => (probabilities[head * voxels + i] ?? 0) > own);
    });
    expect(differing.length).toBe(0);
  });
});
