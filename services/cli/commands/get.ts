import { type Command, Option } from 'commander';
import { type ClusterOptions, clusterChoice, withClusterOptions } from '../cluster/cluster-options.ts';
import type { Output } from '../cluster/get-tasks.ts';

interface GetOptions extends ClusterOptions {
  readonly output: Output;
}

/** Adds `pentafold get`. */
export function register(program: Command, env: Readonly<Record<string, string | undefined>>): void {
  withClusterOptions(program.command('get'))
    .description('show the Tasks of the cluster, or one of them with all that is known of it')
    .argument('[task]', 'name of one Task')
    .addOption(
      new Option('-o, --output <format>', 'as the cluster keeps it, for scripts')
        .choices(['text', 'json', 'yaml'])
        .default('text'),
    )
    .addHelpText('after', '\nexample: pentafold get hippocampus -n research')
    .action((task: string | undefined, options: GetOptions) => get(task, options, env));
}

async function get(
  name: string | undefined,
  { output, ...options }: GetOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { allTasks, oneTask } = await import('../cluster/get-tasks.ts');
  const { withCluster } = await import('../cluster.ts');
  const text = await withCluster(clusterChoice(options), env, (cluster) =>
    name === undefined ? allTasks(cluster, output, new Date()) : oneTask(cluster, name, output, new Date()),
  );
  process.stdout.write(text);
}
