import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { type CaseFault, type CaseWarning, DatasetFaultError } from '#core/dataset/integrity.ts';
import { selectCases } from '#core/dataset/select-cases.ts';
import { type CaseFingerprint, caseFingerprint, samplesPerCase } from '#core/fingerprint/case-fingerprint.ts';
import { datasetFingerprint } from '#core/fingerprint/dataset-fingerprint.ts';
import { type CaseFiles, listCases } from '#datasets/dataset-layout.ts';
import { formatDatasetJson } from '#formats/dataset-json.ts';
import { formatFingerprint } from '#formats/fingerprint-json.ts';
import { encodeJson } from '#formats/indented-json.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { Cases, SourceCase } from '#steps/cases.ts';
import { type IngestOptions, ingestOptionsSchema } from '#steps/options.ts';
import type { CaseWarnings, IngestResult } from '#steps/results.ts';
import { datasetRevision } from '#steps/revision.ts';
import type { StepContext, StepHandler } from '#steps/step-context.ts';
import { SourceChangedError } from '../verified-source.ts';
import { checkCase } from './check-case.ts';

/** Reads and checks every chosen case of the raw data set, and takes the fingerprint of those to train on. */
export const ingestStep: StepHandler = async (context) => {
  const options = ingestOptionsSchema.parse(context.description.identity.options);
  const raw = context.datasets(context.description.datasetUri);
  if ((await datasetRevision(raw)) !== options.revision) throw new SourceChangedError('the data set');
  const { description, cases, warnings } = await listCases(raw);
  const chosen = chosenCases(cases, options.selection);
  const checked = await checkCases(context, raw, description, chosen);
  if (checked === 'yielded') return { kind: 'yielded' };
  await writeOutputs(context, { ...description, numTraining: chosen.training.length }, checked);
  const result: IngestResult = {
    trainingCases: checked.training.length,
    warnings: caseWarnings([...warnings, ...checked.warnings]),
  };
  return { kind: 'done', result };
};

/** How many warnings the result spells out. */
const SHOWN = 20;

const caseWarnings = (warnings: readonly CaseWarning[]): CaseWarnings => ({
  total: warnings.length,
  first: warnings.slice(0, SHOWN),
});

interface ChosenCases {
  readonly training: readonly CaseFiles[];
  readonly test: readonly CaseFiles[];
}

function chosenCases(cases: readonly CaseFiles[], selection: IngestOptions['selection']): ChosenCases {
  if (selection === null) return { training: cases, test: [] };
  const chosen = selectCases(
    cases.map(({ caseId }) => caseId),
    selection,
  );
  const only = (ids: readonly string[]) => cases.filter(({ caseId }) => ids.includes(caseId));
  return { training: only(chosen.training), test: only(chosen.test) };
}

interface CheckedCases {
  readonly training: readonly SourceCase[];
  readonly test: readonly SourceCase[];
  /** Of the training cases. */
  readonly fingerprints: readonly CaseFingerprint[];
  readonly warnings: readonly CaseWarning[];
}

/**
 * One case in memory at a time.
 *
 * @throws {DatasetFaultError} with the faults of all cases, so that they can be mended in one go.
 */
async function checkCases(
  context: StepContext,
  raw: ObjectStore,
  description: DatasetDescription,
  { training, test }: ChosenCases,
): Promise<CheckedCases | 'yielded'> {
  const sources: SourceCase[] = [];
  const fingerprints: CaseFingerprint[] = [];
  const faults: CaseFault[] = [];
  const warnings: CaseWarning[] = [];
  const all = [...training, ...test];
  for (const [i, files] of all.entries()) {
    if (context.stop.requested !== 'none') return 'yielded';
    context.progress(`checking case ${i + 1} of ${all.length}`, i, all.length);
    const checked = await checkCase(raw, files, description);
    if (checked.kind === 'faulty') {
      faults.push(...checked.faults);
      continue;
    }
    const { source, image, label } = checked;
    for (const message of checked.warnings) warnings.push({ caseId: files.caseId, message });
    sources.push(source);
    if (i < training.length) fingerprints.push(caseFingerprint(image, label, samplesPerCase(training.length)));
  }
  if (faults.length > 0) throw new DatasetFaultError(faults);
  return { training: sources.slice(0, training.length), test: sources.slice(training.length), fingerprints, warnings };
}

async function writeOutputs(
  { output }: StepContext,
  dataset: DatasetDescription,
  { training, test, fingerprints }: CheckedCases,
): Promise<void> {
  const cases: Cases = { dataset, training, test };
  await output.write('cases.json', encodeJson(cases));
  await output.writeText('dataset_fingerprint.json', formatFingerprint(datasetFingerprint(fingerprints)));
  await output.writeText('dataset.json', formatDatasetJson(dataset));
}
