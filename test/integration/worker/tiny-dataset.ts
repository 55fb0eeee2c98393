// A data set that a fold learns in seconds: a bright ellipsoid with a brighter core, in noise, each case on a grid of its
// own size. nnU-Net v2 layout.

import { product, type Shape, shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { philoxNormals } from '#core/random/philox.ts';
import { formatDatasetJson } from '#formats/dataset-json.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';

const geometry = axisAlignedGeometry(spacingZyx(1.5, 1, 1));

export const tinyCaseId = (index: number): string => `case_${index}`;

/** Writes `cases` labelled cases; labels 1 (shell) and 2 (core). */
export async function writeTinyDataset(store: ObjectStore, cases: number): Promise<void> {
  const description = {
    name: 'tiny',
    channelNames: ['MRI'],
    labels: [
      { name: 'background', value: 0 },
      { name: 'shell', value: 1 },
      { name: 'core', value: 2 },
    ],
    fileEnding: '.nii.gz',
    numTraining: cases,
  };
  await store.put('dataset.json', new TextEncoder().encode(formatDatasetJson(description)));
  for (let i = 0; i < cases; i++) {
    const shape = shapeZyx(20 + (i % 2), 24 - (i % 3), 22);
    const label = ellipsoid(shape, i);
    const noise = philoxNormals([i, 7], product(shape));
    const image = noise.map((value, voxel) => 100 + 10 * value + 60 * (label[voxel] ?? 0));
    await store.put(`imagesTr/${tinyCaseId(i)}_0000.nii.gz`, writeNifti(image, shape, geometry));
    await store.put(`labelsTr/${tinyCaseId(i)}.nii.gz`, writeNifti(label, shape, geometry));
  }
}

function ellipsoid(shape: Shape<'zyx'>, index: number): Uint8Array {
  const centre = shape.map((extent, axis) => extent / 2 + ((index + axis) % 3) - 1);
  const radii = shape.map((extent) => extent / 3);
  const label = new Uint8Array(product(shape));
  for (let z = 0, i = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++, i++) {
        const r = [z, y, x].reduce((sum, at, axis) => sum + ((at - (centre[axis] ?? 0)) / (radii[axis] ?? 1)) ** 2, 0);
        label[i] = r < 0.25 ? 2 : r < 1 ? 1 : 0;
      }
    }
  }
  return label;
}
