import type { Command } from 'commander';
import type { ClusterChoice } from '#platform/kube/kubeconfig.ts';

/** What commander makes of the options that choose a cluster. */
export interface ClusterOptions {
  readonly namespace?: string;
  readonly context?: string;
}

/** Adds the options that choose a cluster, called as kubectl calls them. */
export const withClusterOptions = (command: Command): Command =>
  command
    .option('-n, --namespace <name>', 'namespace of the Tasks, instead of that of the context')
    .option('--context <name>', 'context of the kubeconfig, instead of the current one');

export const clusterChoice = ({ namespace, context }: ClusterOptions): ClusterChoice => ({
  namespace: namespace ?? null,
  context: context ?? null,
});
