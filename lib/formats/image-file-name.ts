import { IMAGE_FORMATS, type ImageEnding, type ImageFormat } from './image-format.ts';

/** Endings of the image files that can be read. */
export const IMAGE_ENDINGS = Object.keys(IMAGE_FORMATS) as readonly ImageEnding[];

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The ending of a path that is an image's, if it has one. */
export const imageEnding = (path: string): ImageEnding | undefined =>
  IMAGE_ENDINGS.find((ending) => path.endsWith(ending));

/** How the file of this name is read and written, if it is an image's. */
export function imageFormat(path: string): ImageFormat | undefined {
  const ending = imageEnding(path);
  return ending && IMAGE_FORMATS[ending];
}

/** A file's name without folder and image ending: `imagesTr/a_0000.nii.gz` → `a_0000`. */
export function stemOf(path: string): string {
  const name = nameOf(path);
  return name.slice(0, name.length - (imageEnding(name)?.length ?? 0));
}

/** Where the JSON with an image's spacing may lie: `<case>.json` beside `<case>_0000.tif` or `<case>.tif`. */
export function sidecarPaths(path: string): readonly string[] {
  const stem = path.slice(0, path.length - (imageEnding(path)?.length ?? 0));
  return [...new Set([stem, stem.replace(/_\d{4}$/, '')])].map((name) => `${name}.json`);
}

/** False for names that start with a dot or an underscore: the MSD archives hold such leftovers of macOS. */
export const isVisible = (path: string): boolean => !/^[._]/.test(nameOf(path));

/** True for an image that nnU-Net's reader of files with this ending would read too: `.nii` beside `.nii.gz`. */
export const isOfKind = (fileEnding: string, path: string): boolean =>
  isVisible(path) && imageFormat(path)?.reader.volumes === imageFormat(fileEnding)?.reader.volumes;

/** True for a path directly inside the folder. */
export const isIn = (folder: string, path: string): boolean => path === `${folder}/${nameOf(path)}`;
