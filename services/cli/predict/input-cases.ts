// Which files of an input folder belong to which case, for a model with so many channels. Pure.

import type { CaseFiles } from '#datasets/dataset-layout.ts';
import { imageFormat, isVisible, stemOf } from '#formats/image-file-name.ts';

/** Something that kept a case from being predicted, or evaluated. */
export interface CaseProblem {
  readonly caseId: string;
  readonly message: string;
}

/** What an input folder holds. */
export interface InputCases {
  /** Sorted by `caseId`. */
  readonly cases: readonly CaseFiles[];
  /** Cases that cannot be read as one: a channel is missing, too many, or there twice. */
  readonly problems: readonly CaseProblem[];
  /** Some files had no channel number and count as whole cases. */
  readonly unnumbered: boolean;
}

/**
 * Groups `<case>_<channel>.nii.gz` files, or those of another image format, by case.
 *
 * A file without a channel number is a whole case: the only channel, or all of them along a fourth axis or as colours. Four
 * digits at the end are always a channel number, as nnU-Net has it: a second channel is never taken for a case of its own.
 *
 * @param names of the files in the folder, in any order.
 */
export function inputCases(names: readonly string[], channels: number): InputCases {
  const images = names.filter((name) => isVisible(name) && imageFormat(name) !== undefined).sort();
  const found = new Map<string, ChannelFile[]>();
  for (const name of images) {
    const { caseId, channel } = parseStem(stemOf(name));
    found.set(caseId, [...(found.get(caseId) ?? []), { name, channel }]);
  }
  const cases: CaseFiles[] = [];
  const problems: CaseProblem[] = [];
  for (const [caseId, files] of [...found].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const message = problemOf(files, channels);
    if (message === null) cases.push({ caseId, images: files.map(({ name }) => name), label: null });
    else problems.push({ caseId, message });
  }
  return { cases, problems, unnumbered: [...found.values()].flat().some(({ channel }) => channel === null) };
}

/** Which of the cases a machine takes when several share a folder. */
export interface Part {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** Every `count`th case, from the one at `index` on, by name: as nnU-Net parts a folder. */
export function partOf({ cases, problems, unnumbered }: InputCases, { index, count }: Part): InputCases {
  const ids = [...cases, ...problems].map(({ caseId }) => caseId).sort();
  const mine = new Set(ids.filter((_, place) => place % count === index));
  const isMine = ({ caseId }: { readonly caseId: string }): boolean => mine.has(caseId);
  return { cases: cases.filter(isMine), problems: problems.filter(isMine), unnumbered };
}

interface ChannelFile {
  readonly name: string;
  /** Four digits; `null` for a file without a channel number. */
  readonly channel: string | null;
}

function parseStem(stem: string): { readonly caseId: string; readonly channel: string | null } {
  const [, caseId, channel] = /^(.+)_(\d{4})$/.exec(stem) ?? [];
  if (caseId === undefined || channel === undefined) return { caseId: stem, channel: null };
  return { caseId, channel };
}

function problemOf(files: readonly ChannelFile[], channels: number): string | null {
  const expected = Array.from({ length: channels }, (_, channel) => String(channel).padStart(4, '0'));
  const found = files.map(({ channel }) => channel ?? 'a file without a number');
  const [only] = files.length === 1 ? files : [];
  const holdsAll = only !== undefined && (only.channel === null || hasColours(only));
  if (found.join() === expected.join() || holdsAll) return null;
  if (channels === 1) return `expected channel 0000, found ${found.join(', ')}`;
  return `expected one file for each channel of the model (${expected.join(', ')}), found ${found.join(', ')}`;
}

/** A picture numbered 0000 may hold all channels. */
const hasColours = ({ name, channel }: ChannelFile): boolean =>
  channel === '0000' && imageFormat(name)?.hasColours === true;
