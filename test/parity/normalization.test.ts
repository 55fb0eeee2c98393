// Golden values: nnU-Net 2.8.1, default_normalization_schemes on random data (see shared/golden/README.md). Within 1e-5:
// the reference sums in float32.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { IntensityStatistics, NormalizationScheme } from '#core/planning/plans.ts';
import { normalizeChannel } from '#core/preprocessing/normalization.ts';
import { type NpyArray, readNpz } from '#test/npy.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

const schemes: NormalizationScheme[] = [
  'ZScoreNormalization',
  'CTNormalization',
  'NoNormalization',
  'RescaleTo01Normalization',
  'RGBTo01Normalization',
];

describeWithShared('normalisation as nnU-Net does', 'golden/normalization', () => {
  const arrays = readNpz(readFileSync(sharedPath('golden/normalization/normalization.npz')));
  const json = JSON.parse(readFileSync(sharedPath('golden/normalization/normalization.json'), 'utf8'));
  const array = (name: string): NpyArray['data'] => {
    const found = arrays.get(name);
    if (!found) throw new Error(`no array ${name} in normalization.npz`);
    return found.data;
  };
  const { percentile_00_5, percentile_99_5, ...rest } = json.intensityproperties;
  const statistics: IntensityStatistics = {
    ...rest,
    percentile00_5: percentile_00_5,
    percentile99_5: percentile_99_5,
  };

  it.each(schemes.flatMap((scheme) => [true, false].map((masked) => ({ scheme, masked }))))(
    '$scheme, mask $masked',
    ({ scheme, masked }) => {
      const voxels = Float32Array.from(array(scheme === 'RGBTo01Normalization' ? 'rgb' : 'img'));
      normalizeChannel(scheme, voxels, masked ? Int16Array.from(array('seg')) : null, statistics);
      const want = array(`${scheme}_${masked ? 'mask' : 'nomask'}`);
      const worst = voxels.reduce((w, value, i) => Math.max(w, Math.abs(value - (want[i] ?? Number.NaN))), 0);
      expect(worst).toBeLessThanOrEqual(1e-5);
    },
  );
});
