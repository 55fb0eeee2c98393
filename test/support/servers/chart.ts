import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { helm } from './helm.ts';

/** The chart's folder. */
export const CHART = fileURLToPath(new URL('../../../charts/pentafold', import.meta.url));

/** Values files that the chart shows as examples. */
export const EXAMPLES = ['own-store', 'secured', 'try-out'] as const;
export const example = (name: (typeof EXAMPLES)[number]): string => `${CHART}/examples/${name}.yaml`;

/** One object of a manifest, as far as tests look at it. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has another
  readonly spec?: any;
  readonly rules?: readonly object[];
}

/**
 * What the chart makes of values, for the namespace `research`, as it would be given to a cluster.
 *
 * @param settings further ones, as of `--set`.
 */
export const templateChart = (valuesFile: string, settings: readonly string[] = []): Promise<string> =>
  helm([
    'template',
    'pentafold',
    CHART,
    ...ON_A_CLUSTER,
    `--values=${valuesFile}`,
    ...settings.map((one) => `--set=${one}`),
  ]);

/** Without a cluster Helm asks of none which version it has. */
const ON_A_CLUSTER = ['--kube-version=1.35.0', '--namespace=research'];

export const manifestsOf = (text: string): Manifest[] =>
  parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter((manifest) => manifest !== null);

/** What `bin/generate` made, as an object to change. */
export async function generatedDefinition(kind: 'tasks' | 'models'): Promise<string> {
  return readFile(`${CHART}/crds/${kind}.yaml`, 'utf8');
}
