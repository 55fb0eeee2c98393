import { imageFormat, sidecarPaths } from '#formats/image-file-name.ts';
import type { ImageVolume } from '#formats/image-volume.ts';
import { UnreadableImageError } from '#formats/unreadable-image-error.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';

/**
 * Reads an image in the format that its name ends in, with the JSON beside it where the format has one.
 *
 * @returns `undefined` when there is no such file.
 * @throws {BadInputError} when it cannot be read.
 */
export const readImage = async (store: Pick<ObjectStore, 'get'>, path: string): Promise<ImageVolume | undefined> =>
  (await fetchImage(store, path))?.decode();

/** The bytes of an image, so that what is wrong with the store is not taken for a fault of the image. */
export interface FetchedImage {
  /** @throws {BadInputError} when it cannot be read. */
  decode(): Promise<ImageVolume>;
}

/** Fetches an image and the JSON beside it. @returns `undefined` when there is no such file. */
export async function fetchImage(store: Pick<ObjectStore, 'get'>, path: string): Promise<FetchedImage | undefined> {
  const bytes = await store.get(path);
  if (!bytes) return undefined;
  const format = imageFormat(path);
  const sidecar = format?.hasSidecar ? await sidecarOf(store, path) : undefined;
  return {
    async decode() {
      if (!format) throw new UnreadableImageError('its file ending is not that of an image');
      return format.read(bytes, sidecar);
    },
  };
}

async function sidecarOf(store: Pick<ObjectStore, 'get'>, path: string): Promise<Uint8Array | undefined> {
  for (const candidate of sidecarPaths(path)) {
    const sidecar = await store.get(candidate);
    if (sidecar) return sidecar;
  }
  return undefined;
}
