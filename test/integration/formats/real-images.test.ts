import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { caseFaults } from '#core/dataset/integrity.ts';
import { listCases } from '#datasets/dataset-layout.ts';
import { readCase } from '#datasets/read-case.ts';
import { gunzip } from '#formats/gzip.ts';
import { asLabelVoxels, readNifti, writeNifti } from '#formats/nifti.ts';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

describeWithShared('a label map written for a real image', 'data/SpinalCord_SCT_testing', () => {
  it.each([
    { name: 'sform and qform', file: 'data/Task04_Hippocampus/imagesTr/hippocampus_001.nii.gz' },
    { name: 'axes in the order posterior, superior, right', file: 'data/SpinalCord_SCT_testing/t2/t2.nii.gz' },
    { name: 'thick slices', file: 'data/SpinalCord_SCT_testing/t2s/t2s_uncropped.nii.gz' },
    { name: 'a CT', file: 'data/CT_TotalSegmentator_1case/example_ct_sm.nii.gz' },
  ])('lies on its grid, header field by header field: $name', ({ file }) => {
    const bytes = readFileSync(sharedPath(file));
    const source = readNifti(bytes);
    const labels = asLabelVoxels(source.data.map((value) => (value > 0 ? 1 : 0)));
    const written = writeNifti(labels, source.shape, source.geometry);
    expect(readNifti(written).geometry).toEqual(source.geometry);
    // The bytes too: extent, and from the quaternion's codes to the end of the affine.
    const before = gunzip(bytes);
    const after = gunzip(written);
    expect(after.subarray(42, 48)).toEqual(before.subarray(42, 48));
    expect(after.subarray(76, 108)).toEqual(before.subarray(76, 108));
    expect(after.subarray(252, 328)).toEqual(before.subarray(252, 328));
  });
});

describeWithShared('the data set Task04_Hippocampus', 'data/Task04_Hippocampus', () => {
  it('lists 208 labelled cases, and the first ones are sound', async () => {
    const store = new DirectoryObjectStore(sharedPath('data/Task04_Hippocampus'));
    const { cases, description } = await listCases(store);
    expect(cases).toHaveLength(208);
    expect(description.labels.map(({ name }) => name)).toEqual(['background', 'Anterior', 'Posterior']);
    for (const files of cases.slice(0, 5)) {
      const raw = await readCase(store, files, description);
      expect(caseFaults(raw.caseId, raw.image, raw.label, description)).toEqual([]);
      expect(raw.warnings).toEqual([]);
    }
  });
});
