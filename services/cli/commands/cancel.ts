import type { Command } from 'commander';
import { type ClusterOptions, clusterChoice, withClusterOptions } from '../cluster/cluster-options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `pentafold cancel`. */
export function register(program: Command, env: Environment): void {
  withClusterOptions(program.command('cancel'))
    .description('stop a Task of the cluster after a checkpoint; retry lets it go on')
    .argument('<task>', 'name of the Task')
    .addHelpText('after', '\nexample: pentafold cancel hippocampus -n research')
    .action((task: string, options: ClusterOptions) => cancel(task, options, env));
}

async function cancel(task: string, options: ClusterOptions, env: Environment): Promise<void> {
  const { cancelTask } = await import('../cluster/steer-task.ts');
  const { withCluster } = await import('../cluster.ts');
  const told = await withCluster(clusterChoice(options), env, (cluster) => cancelTask(task, cluster));
  process.stdout.write(`${told}\n`);
}
