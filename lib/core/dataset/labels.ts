import type { DatasetDescription, DeclaredLabel } from './dataset-description.ts';
import { type LabelOrRegion, labelKey, labelsOf } from './label-or-region.ts';

/** What a data set's labels mean: which values occur, what the network's heads stand for, what is left out. */
export interface LabelScheme {
  /** Every label, background included, each once, ascending. Without regions the index of a label is its head. */
  readonly all: readonly number[];
  /** `all` without background. */
  readonly foreground: readonly number[];
  /** What is told apart and evaluated: the regions in declaration order, or the foreground labels ascending. */
  readonly targets: readonly LabelOrRegion[];
  /** The label that each region writes into a label map, in order; `null` without regions. */
  readonly classOrder: readonly number[] | null;
  /** Outputs of the network: one sigmoid per region, or a softmax over all labels. */
  readonly heads: number;
  /** Voxels of this value count neither in training nor in evaluation. */
  readonly ignore: number | null;
}

const IGNORE = 'ignore';

/**
 * The scheme of a data set's labels.
 *
 * @throws {RangeError} with all of `labelProblems`.
 * @see nnU-Net v2, utilities/label_handling/label_handling.py, LabelManager
 */
export function labelScheme(dataset: Pick<DatasetDescription, 'labels' | 'regionsClassOrder'>): LabelScheme {
  const problems = labelProblems(dataset);
  if (problems.length > 0) throw new RangeError(problems.join('; '));
  const declared = dataset.labels.filter(({ name }) => name !== IGNORE);
  const all = distinct(declared.flatMap(({ value }) => labelsOf(value)));
  const foreground = all.filter((label) => label !== 0);
  const regions = hasRegions(declared) ? regionsOf(declared) : null;
  const ignored = dataset.labels.find(({ name }) => name === IGNORE)?.value ?? null;
  return {
    all,
    foreground,
    targets: regions ?? foreground,
    classOrder: regions && (dataset.regionsClassOrder ?? null),
    heads: regions?.length ?? all.length,
    ignore: typeof ignored === 'number' ? ignored : null,
  };
}

/** What the targets of a data set are called, in their order. */
export function targetNames(dataset: Pick<DatasetDescription, 'labels' | 'regionsClassOrder'>): string[] {
  const nameOf = (target: LabelOrRegion) =>
    dataset.labels.find(({ name, value }) => name !== IGNORE && String(value) === String(target))?.name;
  return labelScheme(dataset).targets.map((target) => nameOf(target) ?? labelKey(target));
}

/** Why labels make no scheme, one sentence each; none if they do. */
export function labelProblems({
  labels,
  regionsClassOrder,
}: Pick<DatasetDescription, 'labels' | 'regionsClassOrder'>): string[] {
  const problems: string[] = [];
  const declared = labels.filter(({ name }) => name !== IGNORE);
  if (!declared.some(({ name, value }) => name === 'background' && value === 0))
    problems.push('expected the label "background" with value 0');
  const values = distinct(declared.flatMap(({ value }) => labelsOf(value)));
  // That 0 is missing was said above.
  if (distinct([0, ...values]).some((value, i) => value !== i))
    problems.push(`expected labels 0, 1, 2, … without a gap, got ${values.join(', ')}`);
  const ignored = labels.find(({ name }) => name === IGNORE);
  if (ignored && ignored.value !== values.length)
    problems.push(
      `expected the label "ignore" to be the highest and one number, ${values.length}, got ${ignored.value}`,
    );
  if (!hasRegions(declared)) return problems;
  const regions = regionsOf(declared).length;
  const order = regionsClassOrder ?? [];
  if (order.length !== regions)
    problems.push(`expected regions_class_order with one label for each of ${regions} regions, got ${order.length}`);
  const strangers = order.filter((label) => !values.includes(label));
  if (strangers.length > 0) problems.push(`regions_class_order names ${strangers.join(', ')}, which is no label`);
  return problems;
}

const hasRegions = (declared: readonly DeclaredLabel[]): boolean =>
  declared.some(({ value }) => labelsOf(value).length > 1);

/** Entries that are background alone are no regions. */
const regionsOf = (declared: readonly DeclaredLabel[]): LabelOrRegion[] =>
  declared.map(({ value }) => value).filter((value) => labelsOf(value).some((label) => label !== 0));

const distinct = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
