import { expect, it } from 'vitest';
import { parseDatasetJson } from '#formats/dataset-json.ts';
import { aModel, CASCADE_PLANS } from '#test/a-model.ts';
import { networkPicture } from './network-picture.ts';

it.each([
  { name: '3d_lowres', want: />image<\/text>\s*<text [^>]*>1 × 4×4×4</ },
  { name: '3d_cascade_fullres', want: />image<\/text>\s*<text [^>]*>2 × 4×4×4</ },
])('shows $name with the channels that it sees', async ({ name, want }) => {
  const { description } = parseDatasetJson(new TextDecoder().decode(aModel().get('dataset.json')));
  const plan = CASCADE_PLANS.configurations.find((one) => one.name === name);
  if (plan === undefined) throw new Error(`no ${name}`);
  expect(await networkPicture(plan, description)).toMatch(want);
});
