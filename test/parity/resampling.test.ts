// Golden values: nnU-Net 2.8.1 with scikit-image 0.26.0 and SciPy 1.17.1, resample_data_or_seg_to_shape on random
// data (see shared/golden/README.md). Data within 2e-5: the reference rounds to float32 on values up to some hundred.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { ResamplingOptions } from '#core/planning/plans.ts';
import { resampleImage, resampleLabels } from '#core/preprocessing/resampling.ts';
import { separateAxis } from '#core/preprocessing/separate-axis.ts';
import { type NpyArray, readNpz } from '#test/npy.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

interface GoldenResampling {
  readonly id: string;
  readonly input: 'data' | 'lab';
  readonly current_spacing: [number, number, number];
  readonly new_spacing: [number, number, number];
  readonly new_shape: [number, number, number];
  readonly force_separate_z: boolean | null;
  readonly axis: number | null;
  readonly is_seg: boolean;
  readonly order: 0 | 1 | 3;
  readonly order_z: 0 | 1;
}

describeWithShared('resampling as nnU-Net does', 'golden/resampling', () => {
  const arrays = readNpz(readFileSync(sharedPath('golden/resampling/resampling.npz')));
  const cases: GoldenResampling[] = JSON.parse(readFileSync(sharedPath('golden/resampling/resampling.json'), 'utf8'));
  const array = (name: string): NpyArray['data'] => {
    const found = arrays.get(name);
    if (!found) throw new Error(`no array ${name} in resampling.npz`);
    return found.data;
  };
  const shape = shapeNet(6, 11, 9);
  const optionsOf = (golden: GoldenResampling): ResamplingOptions => ({
    isSegmentation: golden.is_seg,
    order: golden.order,
    orderZ: golden.order_z,
    forceSeparateZ: golden.force_separate_z,
  });

  it('has cases of every kind', () => {
    expect(cases.length).toBe(133);
  });

  it.each(cases)('$id takes axis $axis by itself', (golden) => {
    expect(separateAxis(golden.current_spacing, golden.new_spacing, golden.force_separate_z)).toBe(golden.axis);
  });

  it.each(cases.filter(({ is_seg }) => !is_seg))('$id: order $order, orderZ $order_z, axis $axis', (golden) => {
    const spacing = spacingNet(...golden.current_spacing);
    const image = { channels: 2, shape, spacing, data: Float32Array.from(array('data')) };
    const got = resampleImage(
      image,
      shapeNet(...golden.new_shape),
      spacingNet(...golden.new_spacing),
      optionsOf(golden),
    );
    const want = array(golden.id);
    expect(got.data.length).toBe(want.length);
    const worst = got.data.reduce((w, value, i) => Math.max(w, Math.abs(value - (want[i] ?? Number.NaN))), 0);
    expect(worst).toBeLessThanOrEqual(2e-5);
  });

  it.each(cases.filter(({ is_seg }) => is_seg))('$id: labels, order $order, axis $axis, exactly', (golden) => {
    const label = { shape, spacing: spacingNet(...golden.current_spacing), data: Int16Array.from(array('lab')) };
    const got = resampleLabels(
      label,
      shapeNet(...golden.new_shape),
      spacingNet(...golden.new_spacing),
      optionsOf(golden),
    );
    expect([...got.data]).toEqual([...array(golden.id)]);
  });
});
