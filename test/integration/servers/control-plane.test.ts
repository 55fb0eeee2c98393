import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ControlPlane, createNamespace, startControlPlane } from '#test/servers/control-plane.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { describeNode } from '#test/servers/described-node.ts';

const soon = { timeout: 60_000, interval: 100 };

await describeWithServers('a control plane for tests', ['kubernetes'], () => {
  let controlPlane: ControlPlane;
  beforeAll(async () => {
    controlPlane = await startControlPlane();
  }, 120_000);
  afterAll(() => controlPlane[Symbol.asyncDispose]());

  it('gives a Job its pod, and the pod a node that has what it asks for', async () => {
    const { kubectl } = controlPlane;
    await describeNode(controlPlane, 'without-gpu');
    await describeNode(controlPlane, 'with-gpu', { 'nvidia.com/gpu': '2' });
    await createNamespace(controlPlane, 'jobs');
    await kubectl(['apply', '--filename=-'], JSON.stringify(aGpuJob('train')));

    const nodeOfPod = () => kubectl(['get', 'pods', '--namespace=jobs', '--output=jsonpath={.items[*].spec.nodeName}']);
    await expect.poll(nodeOfPod, soon).toBe('with-gpu');
  });

  it('gives a service account a token that may do only what a role says', async () => {
    const { kubectl, url } = controlPlane;
    await createNamespace(controlPlane, 'accounts');
    await kubectl(['create', 'serviceaccount', 'reader', '--namespace=accounts']);
    const token = (await kubectl(['create', 'token', 'reader', '--namespace=accounts'])).trim();
    const asReader = (...args: readonly string[]) =>
      kubectl(['--token', token, '--server', url, '--kubeconfig=/dev/null', '--insecure-skip-tls-verify', ...args]);
    const listPods = () => asReader('get', 'pods', '--namespace=accounts', '--output=name');
    await expect(listPods()).rejects.toThrow('pods is forbidden');

    await kubectl(['create', 'role', 'reader', '--namespace=accounts', '--verb=list', '--resource=pods']);
    await kubectl([
      ...['create', 'rolebinding', 'reader', '--namespace=accounts'],
      ...['--role=reader', '--serviceaccount=accounts:reader'],
    ]);

    await expect.poll(listPods, soon).toBe('');
  });

  it('refuses who shows no token', async () => {
    await expect(
      controlPlane.kubectl([
        'get',
        'pods',
        '--token=a-guess',
        '--kubeconfig=/dev/null',
        '--server',
        controlPlane.url,
        '--insecure-skip-tls-verify',
      ]),
    ).rejects.toThrow('Unauthorized');
  });

  it('knows after a hard kill what it knew before', async () => {
    const { kubectl } = controlPlane;
    await kubectl(['create', 'configmap', 'kept', '--from-literal=key=value']);

    await controlPlane.kill();
    await expect(kubectl(['get', 'configmap', 'kept'])).rejects.toThrow('refused');

    await controlPlane.restart();
    expect(await kubectl(['get', 'configmap', 'kept', '--output=jsonpath={.data.key}'])).toBe('value');
  });

  it('loses and gets back its API server alone', async () => {
    const { kubectl, apiServer } = controlPlane;
    await apiServer.kill();
    await expect(kubectl(['get', 'namespaces'])).rejects.toThrow('refused');
    await apiServer.restart();
    expect(await kubectl(['get', 'namespaces', '--output=name'])).toContain('namespace/default');
  });
});

function aGpuJob(name: string): object {
  const resources = { limits: { 'nvidia.com/gpu': '1' } };
  const containers = [{ name: 'main', image: 'localhost/none:1', resources }];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: 'jobs' },
    spec: { template: { spec: { restartPolicy: 'Never', containers } } },
  };
}
