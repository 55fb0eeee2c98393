import { writeDurably } from '#files/durable-file.ts';
import { IMAGE_FORMATS, type ImageEnding, type LabelGrid } from '#formats/image-format.ts';

/** Writes a label map in the format of the ending, with the JSON beside it if the format has one. @returns the file's path. */
export async function writeLabelMap(
  stem: string,
  ending: ImageEnding,
  labels: Uint8Array | Uint16Array,
  grid: LabelGrid,
): Promise<string> {
  const { file, sidecar } = await IMAGE_FORMATS[ending].writeLabels(labels, grid);
  if (sidecar !== null) await writeDurably(`${stem}.json`, sidecar);
  await writeDurably(`${stem}${ending}`, file);
  return `${stem}${ending}`;
}
