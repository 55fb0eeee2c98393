import { cp, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decodeNpz, encodeNpz } from '#formats/npz.ts';
import { caseIds, probabilitiesOf, readLabels } from '#test/golden-selection.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { readLabelMap } from '../label-maps/read-label-map.ts';
import { ensembleFolders } from './ensemble-folders.ts';

let folder: TemporaryFolder;
const at = (...path: string[]): string => join(folder.path, ...path);
beforeEach(async () => {
  folder = await temporaryFolder();
  for (const model of ['2d', '3d_fullres', '3d_lowres'])
    await cp(sharedPath(`golden/selection/models/${model}`), at(model), { recursive: true });
  await cp(sharedPath('golden/selection/dataset.json'), at('2d', 'dataset.json'));
});
afterEach(() => folder[Symbol.asyncDispose]());

const joined = (members: readonly string[], voting: 'soft' | 'hard' = 'soft', saveProbabilities = false) =>
  ensembleFolders({ folders: members.map((name) => at(name)), output: at('out'), voting, saveProbabilities });

const written = async (caseId: string) => (await readLabelMap(caseId, at('out', `${caseId}.nii.gz`), 'it')).labels;

describeWithShared('ensembleFolders', 'golden/selection', () => {
  it.each([
    { voting: 'soft', wanted: 'results' },
    { voting: 'hard', wanted: 'hard_voting' },
  ] as const)(
    'joins two folders by $voting voting as the reference does, voxel for voxel',
    async ({ voting, wanted }) => {
      expect(await joined(['2d', '3d_lowres'], voting)).toEqual(caseIds().sort());
      for (const caseId of caseIds())
        expect(
          Buffer.compare(Uint8Array.from(await written(caseId)), readLabels(`${wanted}/2d+3d_lowres/${caseId}.nii.gz`)),
          caseId,
        ).toBe(0);
      expect(await readdir(at('out'))).toEqual([...caseIds().map((id) => `${id}.nii.gz`), 'dataset.json'].sort());
    },
  );

  it('writes the joined probabilities when it is asked to', async () => {
    await joined(['2d', '3d_fullres'], 'soft', true);
    const [caseId = ''] = caseIds();
    const { data } = decodeNpz(await readFile(at('out', `${caseId}.npz`)), 'probabilities', 2 ** 20);
    const [a, b] = [probabilitiesOf('2d', caseId), probabilitiesOf('3d_fullres', caseId)];
    expect(data).toEqual(a.map((value, i) => (value + (b[i] ?? 0)) / 2));
  });

  it('names what each folder lacks, and leaves no output', async () => {
    const [first = '', second = ''] = caseIds();
    await rm(at('2d', `${first}.npz`));
    await rm(at('3d_lowres', `${second}.npz`));
    await expect(joined(['2d', '3d_lowres'])).rejects.toMatchObject({
      code: 'MEMBERS_DIFFER',
      message: expect.stringMatching(
        new RegExp(`2d has no probabilities of ${first}; .*3d_lowres has no probabilities of ${second}; every folder`),
      ),
    });
    expect(await readdir(folder.path)).toEqual(['2d', '3d_fullres', '3d_lowres']);
  });

  it('leaves nothing when the last case is of another grid', async () => {
    const data = new Float32Array(3 * 8);
    const last = caseIds().sort().at(-1) ?? '';
    await writeFile(
      at('3d_lowres', `${last}.npz`),
      encodeNpz(new Map([['probabilities', { shape: [3, 2, 2, 2], data }]])),
    );
    await expect(joined(['2d', '3d_lowres'])).rejects.toThrow(
      /expected probabilities \(heads, z, y, x\) of 3 x 24 x 32 x 24, .* got 3 x 2 x 2 x 2/,
    );
    expect(await readdir(folder.path)).toEqual(['2d', '3d_fullres', '3d_lowres']);
  });

  it('names the file whose probabilities are cut off', async () => {
    const [first = ''] = caseIds().sort();
    const file = at('3d_lowres', `${first}.npz`);
    await truncate(file, 1000);
    await expect(joined(['2d', '3d_lowres'])).rejects.toMatchObject({
      code: 'NPZ_UNREADABLE',
      message: expect.stringMatching(`^${file} cannot be read: .*cut off`),
    });
  });

  it('does not write into a folder that has something', async () => {
    await mkdir(at('out'));
    await writeFile(at('out', 'mine'), '');
    await expect(joined(['2d', '3d_lowres'])).rejects.toThrow('is not empty');
    expect(await readdir(at('out'))).toEqual(['mine']);
  });

  it('asks for a dataset.json when there is none', async () => {
    await rm(at('2d', 'dataset.json'));
    await expect(joined(['2d', '3d_lowres'])).rejects.toThrow('there is no dataset.json in or beside');
  });
});
