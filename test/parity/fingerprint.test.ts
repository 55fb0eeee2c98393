// Golden values: nnU-Net v2.8.1, extract_fingerprint_dataset on the public Hippocampus cases and nuclei
// pictures; see shared/golden/README.md.

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type CaseFingerprint, caseFingerprint, samplesPerCase } from '#core/fingerprint/case-fingerprint.ts';
import { type DatasetFingerprint, datasetFingerprint } from '#core/fingerprint/dataset-fingerprint.ts';
import type { LabelMap } from '#core/geometry/volume.ts';
import { parseFingerprint } from '#formats/fingerprint-json.ts';
import { type NiftiVolume, readNifti } from '#formats/nifti.ts';
import { NUCLEI, nucleiIds, readNuclei } from '#test/nuclei.ts';
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
    expectGolden(datasetFingerprint(cases), golden);
  });
});

describeWithShared('the fingerprint of the nuclei pictures is nnU-Net’s', NUCLEI, () => {
  it('over all 60 PNG files', { timeout: 240_000 }, async () => {
    const ids = nucleiIds();
    expect(ids).toHaveLength(60);
    const cases: CaseFingerprint[] = [];
    for (const id of ids) {
      const { image, label } = await readNuclei(id);
      cases.push(caseFingerprint(image, label, samplesPerCase(ids.length)));
    }
    const fingerprint = datasetFingerprint(cases);
    const folder = 'golden/plans/Dataset103_Nuclei2D';
    expectGolden(fingerprint, parseFingerprint(readFileSync(sharedPath(`${folder}/dataset_fingerprint.json`), 'utf8')));
  });
});

function expectGolden(fingerprint: DatasetFingerprint, golden: DatasetFingerprint): void {
  expect(fingerprint.shapesAfterCrop).toEqual(golden.shapesAfterCrop);
  expect(fingerprint.spacings).toEqual(golden.spacings);
  expect(fingerprint.medianRelativeSizeAfterCropping).toBe(golden.medianRelativeSizeAfterCropping);
  expect(fingerprint.foregroundIntensities).toHaveLength(golden.foregroundIntensities.length);
  for (const [channel, want] of golden.foregroundIntensities.entries()) {
    const got = fingerprint.foregroundIntensities[channel];
    if (got === undefined) throw new Error('no statistics to compare');
    // NumPy adds 1e8 float32 up for mean and std: 1e-5. It interpolates percentiles in float32: 1e-6.
    const tolerances = { mean: 1e-5, std: 1e-5, median: 1e-6, percentile00_5: 1e-6, percentile99_5: 1e-6 } as const;
    for (const [name, rtol] of Object.entries(tolerances)) {
      const key = name as keyof typeof tolerances;
      expect(Math.abs(got[key] / want[key] - 1), `${name}: ${got[key]}, wanted ${want[key]}`).toBeLessThan(rtol);
    }
    expect([got.min, got.max]).toEqual([want.min, want.max]);
  }
}
