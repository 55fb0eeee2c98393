// Golden values: nnU-Net v2.8.1, extract_fingerprint_dataset on the public Hippocampus cases; see
// shared/golden/README.md.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type CaseFingerprint, caseFingerprint, samplesPerCase } from '#core/fingerprint/case-fingerprint.ts';
import { datasetFingerprint } from '#core/fingerprint/dataset-fingerprint.ts';
import type { LabelMap } from '#core/geometry/volume.ts';
import { parseFingerprint } from '#formats/fingerprint-json.ts';
import { type NiftiVolume, readNifti } from '#formats/nifti.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

const dataset = 'data/Task04_Hippocampus';

const readVolume = (path: string): NiftiVolume => readNifti(readFileSync(sharedPath(`${dataset}/${path}`)));
const asLabelMap = ({ shape, spacing, data }: NiftiVolume): LabelMap<'zyx'> => ({
  shape,
  spacing,
  data: Int16Array.from(data),
});

describeWithShared('the fingerprint of the Hippocampus data set is nnU-Net’s', dataset, () => {
  it('over all 208 cases', { timeout: 120_000 }, () => {
    const files = readdirSync(sharedPath(`${dataset}/labelsTr`))
      .filter((file) => /^[^._].*\.nii\.gz$/.test(file))
      .sort();
    expect(files).toHaveLength(208);
    const golden = parseFingerprint(
      readFileSync(sharedPath('golden/plans/Dataset004_Hippocampus/dataset_fingerprint.json'), 'utf8'),
    );
    const cases = files.map(
      (file): CaseFingerprint =>
        caseFingerprint(
          readVolume(`imagesTr/${file}`),
          asLabelMap(readVolume(`labelsTr/${file}`)),
          samplesPerCase(files.length),
        ),
    );
    const fingerprint = datasetFingerprint(cases);

    expect(fingerprint.shapesAfterCrop).toEqual(golden.shapesAfterCrop);
    expect(fingerprint.spacings).toEqual(golden.spacings);
    expect(fingerprint.medianRelativeSizeAfterCropping).toBe(golden.medianRelativeSizeAfterCropping);
    const [got] = fingerprint.foregroundIntensities;
    const [want] = golden.foregroundIntensities;
    if (got === undefined || want === undefined) throw new Error('no statistics to compare');
    expect(fingerprint.foregroundIntensities).toHaveLength(golden.foregroundIntensities.length);
    // NumPy adds 1e8 float32 up for mean and std: 1e-5. It interpolates percentiles in float32: 1e-6.
    const tolerances = { mean: 1e-5, std: 1e-5, median: 1e-6, percentile00_5: 1e-6, percentile99_5: 1e-6 } as const;
    for (const [name, rtol] of Object.entries(tolerances)) {
      const key = name as keyof typeof tolerances;
      expect(Math.abs(got[key] / want[key] - 1), `${name}: ${got[key]}, wanted ${want[key]}`).toBeLessThan(rtol);
    }
    expect([got.min, got.max]).toEqual([want.min, want.max]);
  });
});
