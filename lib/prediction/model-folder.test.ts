import { describe, expect, it } from 'vitest';
import { aModel, formulaWeights } from '#test/a-model.ts';
import { ModelFolder } from './model-folder.ts';

const open = (files: ReadonlyMap<string, Uint8Array>) => ModelFolder.open(async (path) => files.get(path));

/** A model of which one file is another. */
const withFile = (path: string, content: string | undefined): Map<string, Uint8Array> => {
  const files = aModel();
  if (content === undefined) files.delete(path);
  else files.set(path, new TextEncoder().encode(content));
  return files;
};

describe('ModelFolder', () => {
  it('reads what predicting needs', async () => {
    const model = await open(aModel({ folds: [0, 1] }));
    expect(model.inference.folds).toEqual([0, 1]);
    expect(model.dataset.labels.map(({ name }) => name)).toEqual(['background', 'blob']);
    expect(model.configuration('3d_fullres').patchSize).toEqual([4, 4, 4]);
    expect((await model.weights('3d_fullres', 1)).size).toBeGreaterThan(0);
  });

  it.each([
    { name: 'a folder without model.json', files: withFile('model.json', undefined), want: 'has no model.json' },
    { name: 'a model.json that is no JSON', files: withFile('model.json', '{'), want: 'model.json is not understood' },
    { name: 'a model.json without its fields', files: withFile('model.json', '{}'), want: /not understood.*name/s },
    { name: 'a missing file', files: withFile('plans.json', undefined), want: 'plans.json is missing' },
    {
      name: 'a changed file',
      files: withFile('inference.json', '{}'),
      want: 'inference.json is not the file that was',
    },
  ])('refuses $name', async ({ files, want }) => {
    const refusal = open(files);
    await expect(refusal).rejects.toMatchObject({ code: 'MODEL_UNUSABLE' });
    await expect(refusal).rejects.toThrow(want);
  });

  it('says which weights of a fold there are, and refuses best ones that there are not', async () => {
    const [both, final] = [await open(aModel({}, formulaWeights, formulaWeights)), await open(aModel())];
    expect(both.checkpoints('3d_fullres', 0)).toEqual(['final', 'best']);
    expect(final.checkpoints('3d_fullres', 0)).toEqual(['final']);
    await expect(final.weights('3d_fullres', 0, 'best')).rejects.toThrow('no best weights of 3d_fullres, fold 0');
  });

  it('refuses weights that were changed or are missing', async () => {
    const path = '3d_fullres/fold_0.safetensors';
    const changed = await open(withFile(path, 'other weights'));
    await expect(changed.weights('3d_fullres', 0)).rejects.toThrow('its SHA-256 differs');
    const missing = await open(withFile(path, undefined));
    await expect(missing.weights('3d_fullres', 0)).rejects.toThrow(`${path} is missing`);
  });

  it('refuses files that model.json does not list, and configurations that are not planned', async () => {
    const files = aModel();
    files.set('3d_fullres/fold_9.safetensors', new Uint8Array(1));
    const model = await open(files);
    await expect(model.weights('3d_fullres', 9)).rejects.toThrow('model.json does not list');
    expect(() => model.configuration('3d_lowres')).toThrow('plans.json has no configuration 3d_lowres');
  });
});
