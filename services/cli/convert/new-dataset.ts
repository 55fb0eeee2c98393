import { constants, copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { writeDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { formatDatasetJson } from '#formats/dataset-json.ts';
import { FolderUnusableError } from '../folder.ts';

/** `a`, 1 → `a_0001`. */
export const channelStem = (caseId: string, channel: number): string => `${caseId}_${String(channel).padStart(4, '0')}`;

/** A data set in the making, in nnU-Net v2's layout. It is whole once its dataset.json is there. */
export class NewDataset {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws {FolderUnusableError} when something is in the folder already. */
  static async in(folder: string): Promise<NewDataset> {
    const present = (await orAbsent(() => readdir(folder))) ?? [];
    if (present.length > 0) throw new FolderUnusableError(`${folder} is not empty; choose a new folder for --out`);
    for (const part of ['imagesTr', 'labelsTr']) await mkdir(join(folder, part), { recursive: true });
    return new NewDataset(folder);
  }

  /** @param to relative to the data set. */
  async copy(from: string, to: string): Promise<void> {
    await copyFile(from, await this.#place(to), constants.COPYFILE_FICLONE);
  }

  async write(to: string, bytes: Uint8Array | string): Promise<void> {
    await writeDurably(await this.#place(to), bytes);
  }

  async finish(description: DatasetDescription): Promise<void> {
    await this.write('dataset.json', formatDatasetJson(description));
  }

  async #place(to: string): Promise<string> {
    const path = join(this.folder, to);
    await mkdir(join(path, '..'), { recursive: true });
    return path;
  }
}
