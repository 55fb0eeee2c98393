import type { Command } from 'commander';
import { type ClusterOptions, clusterChoice, withClusterOptions } from '../cluster/cluster-options.ts';

interface WatchOptions extends ClusterOptions {
  readonly bus?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Adds `pentafold watch`. */
export function register(program: Command, env: Environment): void {
  withClusterOptions(program.command('watch'))
    .description('follow a Task of the cluster to its end: state, steps, and curves of its folds')
    .argument('<task>', 'name of the Task')
    .option('--bus <address>', 'bus that carries the epochs, nats://host:port; without it what BUS says (docs/nats.md)')
    .addHelpText(
      'after',
      `
Ends as run does: with 0 when the Task succeeded, with 1 when it failed or is suspended, with 130 at Ctrl-C, which lets the
Task go on.

example: pentafold watch hippocampus --bus nats://127.0.0.1:4222`,
    )
    .action((task: string, options: WatchOptions) => watch(task, options, env));
}

async function watch(task: string, { bus, ...options }: WatchOptions, env: Environment): Promise<void> {
  const { watchTask } = await import('../cluster/watch-task.ts');
  const { Interruption } = await import('../run/interruption.ts');
  const { openClusterBus, withCluster } = await import('../cluster.ts');
  const address = bus || env.BUS;
  const ending = new AbortController();
  using _interruption = new Interruption(process, () => ending.abort());
  const request = {
    task,
    openBus: address ? (log: Parameters<typeof openClusterBus>[2]) => openClusterBus(address, env, log) : null,
    terminal: process.stdout,
    signal: ending.signal,
  };
  process.exitCode = await withCluster(clusterChoice(options), env, (cluster) => watchTask(request, cluster));
}
