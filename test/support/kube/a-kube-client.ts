import { KubeConfig } from '@kubernetes/client-node';
import { HttpConnection } from '#platform/kube/http-connection.ts';
import { KubeClient, type KubeClientOptions } from '#platform/kube/kube-client.ts';

/** A client as a kubeconfig says, through another address where one is given. */
export function aKubeClient(kubeconfig: string, changes: Partial<KubeClientOptions> = {}): KubeClient {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const connection = new HttpConnection(config);
  // Pages so small that most lists have several.
  return new KubeClient({ connection, fieldManager: 'pentafold-test', timeoutMs: 20_000, pageSize: 3, ...changes });
}

/** As `aKubeClient`, by way of something that listens on another port of this machine. */
export function aKubeClientThrough(kubeconfig: string, port: number): KubeClient {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  config.clusters = config.clusters.map((cluster) => ({ ...cluster, server: `https://127.0.0.1:${port}` }));
  return new KubeClient({
    connection: new HttpConnection(config),
    fieldManager: 'pentafold-test',
    timeoutMs: 2000,
    pageSize: 3,
  });
}
