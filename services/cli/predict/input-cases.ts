// Which files of an input folder belong to which case, for a model with so many channels. Pure.

import type { CaseFiles } from '#formats/dataset-layout.ts';
import { isVisible, niftiEnding, stemOf } from '#formats/nifti-file-name.ts';

/** Something that kept a case from being predicted, or evaluated. */
export interface CaseProblem {
  readonly caseId: string;
  readonly message: string;
}

/** What an input folder holds. */
export interface InputCases {
  /** Sorted by `caseId`. */
  readonly cases: readonly CaseFiles[];
  /** Cases that cannot be read as one: a channel is missing, or stands twice. */
  readonly problems: readonly CaseProblem[];
  /** Some files had no channel number and count as whole cases. */
  readonly unnumbered: boolean;
}

/**
 * Groups `<case>_<channel>.nii.gz` files by case; `.nii` will do too.
 *
 * A file without a channel number is a whole case: the only channel, or all of them along a fourth axis. For a model of
 * one channel just `_0000` is a channel number, so that `BRATS_0001.nii.gz` stays a case of that name.
 *
 * @param names of the files in the folder, in any order.
 */
export function inputCases(names: readonly string[], channels: number): InputCases {
  const images = names.filter((name) => isVisible(name) && niftiEnding(name) !== undefined).sort();
  const found = new Map<string, ChannelFile[]>();
  for (const name of images) {
    const { caseId, channel } = parseName(name, channels);
    const files = found.get(caseId) ?? [];
    files.push({ name, channel });
    found.set(caseId, files);
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

interface ChannelFile {
  readonly name: string;
  /** `null` for a file without a channel number. */
  readonly channel: number | null;
}

function parseName(name: string, channels: number): { caseId: string; channel: number | null } {
  const stem = stemOf(name);
  const [, caseId, number] = /^(.+)_(\d{4})$/.exec(stem) ?? [];
  if (caseId === undefined || number === undefined) return { caseId: stem, channel: null };
  if (channels === 1 && number !== '0000') return { caseId: stem, channel: null };
  return { caseId, channel: Number(number) };
}

function problemOf(files: readonly ChannelFile[], channels: number): string | null {
  if (files.length === 1 && files[0]?.channel === null) return null;
  const numbers = files.map(({ channel }) => channel);
  if (numbers.includes(null) || new Set(numbers).size < numbers.length)
    return `it stands there ${files.length} times; keep one file per channel`;
  const missing = Array.from({ length: channels }, (_, i) => i).filter((i) => !numbers.includes(i));
  if (missing.length > 0) return `channel ${missing.join(', ')} is missing; the model has ${channels}`;
  return numbers.length > channels ? `it has ${numbers.length} channels, the model has ${channels}` : null;
}
