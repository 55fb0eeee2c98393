import { KubeConfig } from '@kubernetes/client-node';
import { HttpConnection } from '#platform/kube/http-connection.ts';
import { KubeClient, type KubeClientOptions } from '#platform/kube/kube-client.ts';

/** A client as a kubeconfig says. */
export function aKubeClient(kubeconfig: string, changes: Partial<KubeClientOptions> = {}): KubeClient {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  return clientOf(config, changes);
}

/** As `aKubeClient`, by way of something that listens on another port of this machine. */
export function aKubeClientThrough(kubeconfig: string, port: number): KubeClient {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  config.clusters = config.clusters.map((cluster) => ({ ...cluster, server: `https://127.0.0.1:${port}` }));
  return clientOf(config, { timeoutMs: 2000 });
}

/** As `aKubeClient`, as somebody else. */
export function aKubeClientAs(kubeconfig: string, token: string): KubeClient {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  config.users = config.users.map(({ name }) => ({ name, token }));
  return clientOf(config);
}

// Pages so small that most lists have several.
const clientOf = (config: KubeConfig, changes: Partial<KubeClientOptions> = {}): KubeClient =>
  new KubeClient({
    connection: new HttpConnection(config),
    fieldManager: 'pentafold-test',
    timeoutMs: 20_000,
    pageSize: 3,
    ...changes,
  });
