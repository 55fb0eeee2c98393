import { imageFormat } from './image-file-name.ts';

/**
 * nnU-Net's name for what reads the images of a data set.
 *
 * @param shapes of its cases, (z, y, x).
 * @throws {RangeError} when no format has this ending.
 */
export function readerWriterName(fileEnding: string, shapes: readonly (readonly number[])[]): string {
  const reader = imageFormat(fileEnding)?.reader;
  if (reader === undefined) throw new RangeError(`no format reads files ending in ${fileEnding}`);
  return shapes.every(([slices]) => slices === 1) ? reader.pictures : reader.volumes;
}
