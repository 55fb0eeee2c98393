import { counted } from '#core/counted.ts';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { allClose, type CaseFault, DatasetFaultError, type FaultKind, gridFaults } from '#core/dataset/integrity.ts';
import { BadInputError } from '#core/errors.ts';
import { product } from '#core/geometry/axes.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import { inParallel } from '#core/in-parallel.ts';
import { type ImageVolume, withoutSurplusAlpha } from '#formats/image-volume.ts';
import { indexToWorldRas, type NiftiGeometry } from '#formats/nifti-geometry.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { CaseFiles } from './dataset-layout.ts';
import { type FetchedImage, fetchImage } from './read-image.ts';

/** A case as its files say it. */
export interface RawCase {
  readonly caseId: string;
  readonly image: Image<'zyx'>;
  readonly label: LabelMap<'zyx'> | null;
  /** Of the first channel: where a prediction belongs. */
  readonly geometry: NiftiGeometry;
  /** Worth saying, no reason to stop: files of the case differ in position, a spacing was assumed. */
  readonly warnings: readonly string[];
}

/**
 * Reads the channels and the label of one case, and sees that they lie on one grid.
 *
 * Voxels are not looked at beyond the label being whole numbers; see `caseFaults` for the rest.
 *
 * @param files one image per channel, or a single one whose fourth axis or colours are channels. Transparency is left
 * out unless dataset.json names a channel for it.
 * @throws {DatasetFaultError} with every fault of the case: a file that is missing or cannot be read, a fourth axis
 * where a channel should be, another shape or spacing.
 */
export async function readCase(
  store: Pick<ObjectStore, 'get'>,
  files: CaseFiles,
  description: DatasetDescription,
): Promise<RawCase> {
  const faults = new CaseFaults(files.caseId);
  const images: ImageVolume[] = [];
  const single = files.images.length === 1;
  const channelsEach = single ? description.channelNames.length : 1;
  const fetched = await fetchImages(store, [...files.images, ...(files.label === null ? [] : [files.label])]);
  for (const [channel, path] of files.images.entries()) {
    const volume = await decoded(fetched.get(path), single ? 'the image' : channelName(channel), faults);
    if (volume) images.push(withoutSurplusAlpha(volume, channelsEach));
  }
  const labelVolume = files.label === null ? undefined : await decodedLabel(fetched.get(files.label), faults);
  faults.throwIfAny();

  checkChannels(images, labelVolume ?? null, description, faults);
  const grids = [
    ...images.map((volume, channel) => ({ ...volume, name: single ? 'the image' : channelName(channel) })),
    ...(labelVolume ? [{ ...labelVolume, name: 'the label' }] : []),
  ];
  faults.push(...gridFaults(files.caseId, grids));
  const label = labelVolume ? wholeLabels(labelVolume, faults) : null;
  faults.throwIfAny();

  const [first] = images;
  if (!first) throw new RangeError(`case ${files.caseId} names no image`);
  return {
    caseId: files.caseId,
    image: joined(images, first),
    label,
    geometry: first.geometry,
    warnings: [...new Set(grids.flatMap(({ warnings }) => warnings)), ...placeWarnings(grids)],
  };
}

const channelName = (channel: number): string => `channel ${channel}`;

class CaseFaults {
  readonly #caseId: string;
  readonly #found: CaseFault[] = [];
  #cause: unknown;

  constructor(caseId: string) {
    this.#caseId = caseId;
  }

  add(kind: FaultKind, message: string, cause?: unknown): void {
    this.#found.push({ caseId: this.#caseId, kind, message });
    this.#cause ??= cause;
  }

  push(...faults: readonly CaseFault[]): void {
    this.#found.push(...faults);
  }

  throwIfAny(): void {
    if (this.#found.length > 0) throw new DatasetFaultError(this.#found, { cause: this.#cause });
  }
}

/** By path. */
async function fetchImages(store: Pick<ObjectStore, 'get'>, paths: readonly string[]) {
  return new Map(await inParallel(paths, async (path) => [path, await fetchImage(store, path)] as const));
}

async function decoded(
  fetched: FetchedImage | undefined,
  name: string,
  faults: CaseFaults,
): Promise<ImageVolume | undefined> {
  if (!fetched) {
    faults.add('unreadable', `the file of ${name} is missing`);
    return undefined;
  }
  try {
    return await fetched.decode();
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    faults.add('unreadable', `${name} cannot be read: ${error.message}`, error);
    return undefined;
  }
}

async function decodedLabel(fetched: FetchedImage | undefined, faults: CaseFaults) {
  const volume = await decoded(fetched, 'the label', faults);
  return volume && withoutSurplusAlpha(volume, 1);
}

function checkChannels(
  images: readonly ImageVolume[],
  label: ImageVolume | null,
  { channelNames }: DatasetDescription,
  faults: CaseFaults,
): void {
  const [first] = images;
  if (images.length > 1 || channelNames.length === 1) {
    for (const [channel, { channels }] of images.entries()) {
      if (channels > 1)
        faults.add('channels', `${channelName(channel)} has ${channels} channels of its own, expected one`);
    }
  } else if (first && first.channels !== channelNames.length) {
    faults.add(
      'channels',
      `the image has ${counted(first.channels, 'channel')}, dataset.json names ${channelNames.length}`,
    );
  }
  if (label && label.channels > 1)
    faults.add('channels', `the label has ${label.channels} channels (a fourth axis, or colours), expected one`);
}

function wholeLabels({ shape, spacing, data }: ImageVolume, faults: CaseFaults): LabelMap<'zyx'> {
  const labels = new Int16Array(data);
  const odd = data.findIndex((value, i) => value !== labels[i]);
  if (odd >= 0) faults.add('undeclared-label', `expected whole numbers below 32768 as labels, got ${data[odd]}`);
  return { shape, spacing, data: labels };
}

function joined(images: readonly ImageVolume[], { shape, spacing, data, channels }: ImageVolume): Image<'zyx'> {
  if (images.length === 1) return { channels, shape, spacing, data };
  const all = new Float32Array(images.length * product(shape));
  for (const [channel, image] of images.entries()) all.set(image.data, channel * product(shape));
  return { channels: images.length, shape, spacing, data: all };
}

function placeWarnings(grids: readonly { readonly name: string; readonly geometry: NiftiGeometry }[]): string[] {
  const [first, ...others] = grids;
  if (!first) return [];
  const place = indexToWorldRas(first.geometry);
  return others
    .filter(({ geometry }) => !allClose(indexToWorldRas(geometry), place))
    .map(({ name }) => `${name} and ${first.name} differ in position or orientation; compare them in a viewer`);
}
