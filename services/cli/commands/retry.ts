import type { Command } from 'commander';
import { type ClusterOptions, clusterChoice, withClusterOptions } from '../cluster/cluster-options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `pentafold retry`. */
export function register(program: Command, env: Environment): void {
  withClusterOptions(program.command('retry'))
    .description('try a Task of the cluster again that failed, or let a suspended one go on')
    .argument('<task>', 'name of the Task')
    .addHelpText('after', '\nexample: pentafold retry hippocampus -n research')
    .action((task: string, options: ClusterOptions) => retry(task, options, env));
}

async function retry(task: string, options: ClusterOptions, env: Environment): Promise<void> {
  const { retryTask } = await import('../cluster/steer-task.ts');
  const { withCluster } = await import('../cluster.ts');
  const told = await withCluster(clusterChoice(options), env, (cluster) => retryTask(task, cluster, new Date()));
  process.stdout.write(`${told}\n`);
}
