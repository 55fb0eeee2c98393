import { counted } from '#core/counted.ts';
import type { CaseFault, CaseWarning } from '#core/dataset/integrity.ts';
import { type CaseFingerprint, caseFingerprint } from '#core/fingerprint/case-fingerprint.ts';
import { datasetFingerprint, NoForegroundError } from '#core/fingerprint/dataset-fingerprint.ts';
import { surveyCases } from '#datasets/dataset-layout.ts';
import { inspectCase } from '#datasets/inspect-case.ts';
import type { RawCase } from '#datasets/read-case.ts';
import { InvalidDatasetError } from '#formats/invalid-dataset-error.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';

/** Everything that was found. The data set can be trained on if `problems` and `faults` are empty. */
export interface Verification {
  /** `null` when dataset.json cannot be used. */
  readonly name: string | null;
  /** Cases that were looked at. */
  readonly cases: number;
  /** Of dataset.json and the files as a whole. */
  readonly problems: readonly string[];
  /** Of single cases. */
  readonly faults: readonly CaseFault[];
  readonly warnings: readonly CaseWarning[];
}

/**
 * Looks at dataset.json, at which files are there, and at every voxel of every case that is whole: what the first step of
 * a Task does, but to the end.
 *
 * @param looked is told before each case.
 */
export async function verifyDataset(
  store: Pick<ObjectStore, 'get' | 'list'>,
  looked: (caseId: string, place: number, cases: number) => void,
): Promise<Verification> {
  try {
    const { description, cases, problems, warnings } = await surveyCases(store);
    const faults: CaseFault[] = [];
    const odd: CaseWarning[] = [...warnings];
    const unlabelled: CaseFingerprint[] = [];
    for (const [i, files] of cases.entries()) {
      looked(files.caseId, i + 1, cases.length);
      const inspected = await inspectCase(store, files, description);
      if (inspected.kind === 'faulty') {
        faults.push(...inspected.faults);
        continue;
      }
      odd.push(...inspected.warnings.map((message) => ({ caseId: files.caseId, message })));
      // One case with foreground is enough: no other needs to be looked at for it.
      if (unlabelled.length === i) unlabelled.push(...withoutForeground(inspected.raw));
    }
    const noForeground = unlabelled.length === cases.length ? noForegroundProblems(unlabelled) : [];
    const all = [...problems, ...noForeground];
    return { name: description.name, cases: cases.length, problems: all, faults, warnings: odd };
  } catch (error) {
    if (!(error instanceof InvalidDatasetError)) throw error;
    return { name: null, cases: 0, problems: error.problems, faults: [], warnings: [] };
  }
}

/** What the case adds to the fingerprint, from a single draw; nothing where it has a foreground voxel. */
function withoutForeground({ image, label }: RawCase): CaseFingerprint[] {
  if (label === null) return [];
  const fingerprint = caseFingerprint(image, label, 1);
  return fingerprint.foreground.every(({ values }) => values.length === 0) ? [fingerprint] : [];
}

/** What the first step of a Task says when no case has foreground. */
function noForegroundProblems(cases: readonly CaseFingerprint[]): string[] {
  if (cases.length === 0) return [];
  try {
    datasetFingerprint(cases);
    return [];
  } catch (error) {
    if (!(error instanceof NoForegroundError)) throw error;
    return [error.message];
  }
}

export const isSound = ({ problems, faults }: Verification): boolean => problems.length + faults.length === 0;

/** What each thing to be mended is called, of the data set as a whole first. */
export const faultLines = ({ problems, faults }: Verification): string[] => [
  ...problems,
  ...faults.map(({ caseId, message }) => `case ${caseId}: ${message}`),
];

/** One line for each finding, and a last one with the verdict. */
export function verificationText(found: Verification): string {
  const faults = faultLines(found);
  const verdict = isSound(found)
    ? `sound: ${counted(found.cases, 'case')} can be used`
    : `not sound: ${counted(faults.length, 'fault')}; mend them and verify again`;
  const lines = [
    ...found.warnings.map(({ caseId, message }) => `note: case ${caseId}: ${message}`),
    ...faults.map((line) => `fault: ${line}`),
    verdict,
  ];
  return `${lines.join('\n')}\n`;
}
