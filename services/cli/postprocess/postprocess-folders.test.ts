import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { formatPostprocessing } from '#core/postprocessing/postprocessing-json.ts';
import { parsePostprocessing } from '#formats/postprocessing-json.ts';
import { caseIds, expectSameMetrics, readJson, readLabels } from '#test/golden-selection.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { readLabelMap } from '../label-maps/read-label-map.ts';
import { applyToFolder } from './apply-to-folder.ts';
import { determineOnFolders } from './determine-on-folders.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const golden = (path: string): string => sharedPath(`golden/selection/${path}`);

describeWithShared('postprocessing of folders agrees with nnU-Net', 'golden/selection', () => {
  const ensembles = ['2d+3d_lowres', '2d+3d_fullres', '3d_fullres+3d_lowres'];

  it.each(ensembles)('on the postprocessing.json of %s', async (name) => {
    const found = await determineOnFolders(
      { predictions: golden(`results/${name}`), references: golden('truth'), labels: [1, 2], ignore: null },
      () => {},
    );
    const text = formatPostprocessing(found);
    expectSameMetrics(JSON.parse(text), readJson(`results/${name}/postprocessing.json`));
    expect(parsePostprocessing(text)).toEqual(found.rules);
  });

  it.each(['2d+3d_lowres', '2d+3d_fullres'])('on the files of %s after its own rules', async (name) => {
    const rules = parsePostprocessing(await readFile(golden(`results/${name}/postprocessing.json`), 'utf8'));
    expect(rules.length).toBeGreaterThan(0);
    const out = join(folder.path, 'final');
    expect(await applyToFolder(golden(`results/${name}`), out, rules)).toEqual(caseIds().sort());
    expect(await readdir(folder.path)).toEqual(['final']);
    for (const caseId of caseIds()) {
      const { labels } = await readLabelMap(caseId, join(out, `${caseId}.nii.gz`), 'it');
      expect(
        Buffer.compare(Uint8Array.from(labels), readLabels(`results/${name}/postprocessed/${caseId}.nii.gz`)),
        caseId,
      ).toBe(0);
    }
  });
});
