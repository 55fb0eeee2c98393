import type { Command } from 'commander';
import { type ClusterOptions, clusterChoice, withClusterOptions } from '../cluster/cluster-options.ts';

interface ApplyOptions extends ClusterOptions {
  readonly file: string;
  readonly json?: boolean;
}

/** Adds `pentafold apply`. */
export function register(program: Command, env: Readonly<Record<string, string | undefined>>): void {
  withClusterOptions(program.command('apply'))
    .description('hand a Task to the cluster, or change the one of its name')
    .requiredOption('-f, --file <task.yaml>', 'file of the Task; -: standard input')
    .option('--json', 'print what was done as JSON')
    .addHelpText(
      'after',
      `
All that is wrong with the file is told before the cluster is asked. Data sets and weights must be in an object store.

example: pentafold apply -f task.yaml -n research`,
    )
    .action((options: ApplyOptions) => apply(options, env));
}

async function apply(
  { file, json, ...options }: ApplyOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const { applyTask, choiceFor, readSharedTask } = await import('../cluster/apply-task.ts');
  const { isInStore, withCluster } = await import('../cluster.ts');
  const task = await readSharedTask(file, isInStore);
  const applied = await withCluster(choiceFor(task, clusterChoice(options)), env, (cluster) =>
    applyTask(task, cluster),
  );
  process.stdout.write(
    json ? `${JSON.stringify(applied, null, 2)}\n` : `Task ${applied.task} ${applied.change} in ${applied.namespace}\n`,
  );
}
