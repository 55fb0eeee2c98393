import type { Command } from 'commander';
import { type ClusterOptions, clusterChoice, withClusterOptions } from '../cluster/cluster-options.ts';

interface LogsOptions extends ClusterOptions {
  readonly previous?: boolean;
  readonly follow?: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `pentafold logs`. */
export function register(program: Command, env: Environment): void {
  withClusterOptions(program.command('logs'))
    .description('show what the steps of a Task of the cluster have written, each line after the title of its step')
    .argument('<task>', 'name of the Task')
    .argument('[step]', 'title of a step, or a part of it: train 2d')
    .option('-p, --previous', 'of the attempt before the newest')
    .option('-f, --follow', 'go on with what is written, until the Task ends or Ctrl-C')
    .addHelpText('after', "\nexample: pentafold logs hippocampus 'train 3d_fullres fold 2' -f")
    .action((task: string, step: string | undefined, options: LogsOptions) =>
      logs({ task, step: step ?? null }, options, env),
    );
}

async function logs(
  of: { readonly task: string; readonly step: string | null },
  { previous = false, follow = false, ...options }: LogsOptions,
  env: Environment,
): Promise<void> {
  const { followLogs, showLogs } = await import('../cluster/show-logs.ts');
  const { Interruption } = await import('../run/interruption.ts');
  const { withCluster } = await import('../cluster.ts');
  const output = { out: process.stdout, err: process.stderr };
  await withCluster(clusterChoice(options), env, async (cluster) => {
    if (!follow) return showLogs({ ...of, previous }, cluster, output);
    const ending = new AbortController();
    using _interruption = new Interruption(process, () => ending.abort());
    return followLogs({ ...of, previous }, cluster, output, ending.signal);
  });
}
