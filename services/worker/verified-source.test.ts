import { beforeEach, describe, expect, it } from 'vitest';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import type { SourceCase } from '#steps/cases.ts';
import { madeTiff } from '#test/made-tiff.ts';
import { checkCase } from './ingest/check-case.ts';
import { readSource, SourceChangedError } from './verified-source.ts';

const dataset: DatasetDescription = {
  name: 'Stacks',
  channelNames: ['EM'],
  labels: [
    { name: 'background', value: 0 },
    { name: 'cell', value: 1 },
  ],
  fileEnding: '.tif',
  numTraining: 1,
};
const stack = madeTiff({ width: 2, height: 1, pages: [Uint8Array.of(0, 1), Uint8Array.of(1, 0)] });
const spacing = (mm: number): Uint8Array => new TextEncoder().encode(`{"spacing": [${mm}, 1, 1]}`);

describe('a case with the JSON of its spacing beside it', () => {
  let files: Map<string, Uint8Array>;
  const store = { get: async (path: string) => files.get(path) };

  async function ingested(): Promise<SourceCase> {
    const listed = { caseId: 'a', images: ['imagesTr/a_0000.tif'], label: 'labelsTr/a.tif' };
    const checked = await checkCase(store, listed, dataset);
    if (checked.kind === 'faulty') throw new Error(checked.faults[0]?.message);
    return checked.source;
  }

  beforeEach(() => {
    files = new Map([
      ['imagesTr/a_0000.tif', stack],
      ['labelsTr/a.tif', stack],
      ['imagesTr/a.json', spacing(4)],
      ['labelsTr/a.json', spacing(4)],
    ]);
  });

  it('is read again as it was', async () => {
    const source = await ingested();
    expect(source.sidecars?.map(({ path }) => path)).toEqual(['imagesTr/a.json', 'labelsTr/a.json']);
    expect((await readSource(store, source, dataset)).image.spacing).toEqual([4, 1, 1]);
  });

  it('has changed when the spacing has', async () => {
    const source = await ingested();
    files.set('imagesTr/a.json', spacing(5));
    await expect(readSource(store, source, dataset)).rejects.toThrow(SourceChangedError);
    files.delete('imagesTr/a.json');
    await expect(readSource(store, source, dataset)).rejects.toThrow(SourceChangedError);
  });

  it('has changed when a spacing came after it was taken in', async () => {
    for (const path of ['imagesTr/a.json', 'labelsTr/a.json']) files.delete(path);
    const source = await ingested();
    expect(source).not.toHaveProperty('sidecars');
    expect((await readSource(store, source, dataset)).image.spacing).toEqual([1, 1, 1]);
    files.set('labelsTr/a.json', spacing(4));
    await expect(readSource(store, source, dataset)).rejects.toThrow(SourceChangedError);
  });
});
