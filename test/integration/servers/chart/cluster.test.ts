import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '#test/eventually.ts';
import { CHART, EXAMPLES, example, templateChart } from '#test/servers/chart.ts';
import { type ControlPlane, createNamespace, startControlPlane } from '#test/servers/control-plane.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { helm } from '#test/servers/helm.ts';

await describeWithServers('the chart, on a real control plane', ['kubernetes', 'helm'], () => {
  let cluster: ControlPlane;

  beforeAll(async () => {
    cluster = await startControlPlane();
    await createNamespace(cluster, 'research');
    await cluster.kubectl(['label', 'namespace', 'research', 'pod-security.kubernetes.io/enforce=restricted']);
  }, 180_000);
  afterAll(() => cluster[Symbol.asyncDispose]());

  const install = (release: string, ...more: string[]): Promise<string> =>
    helm(
      ['upgrade', '--install', release, CHART, '--namespace=research', `--values=${example('try-out')}`, ...more],
      cluster.kubeconfig,
    );

  it.each(EXAMPLES)('is taken by the API server, with the values of %s', async (name) => {
    const answer = await cluster.kubectl(
      ['apply', '--dry-run=server', '--namespace=research', '--filename=-'],
      await templateChart(example(name)),
    );
    expect(answer).toContain('deployment.apps/pentafold-controller created (server dry run)');
  });

  it('makes pods that the restricted standard lets in', async () => {
    await install('pentafold', '--set=controller.replicas=2');
    // The controller manager makes them, and the API server refuses those that do not keep to the standard.
    await eventually('all pods are there', async () => {
      const names = await cluster.kubectl(['get', 'pods', '--namespace=research', '--output=name']);
      return names.trim().split('\n').length === 4;
    });
  });

  it('tells what to do next', async () => {
    const notes = await install('pentafold');
    expect(notes).toContain('kubectl --namespace research wait task/first --for=condition=Succeeded');
    const task = notes.slice(notes.indexOf('     apiVersion:'), notes.indexOf('     END'));
    const applied = ['apply', '--dry-run=server', '--namespace=research', '--filename=-'];
    expect(await cluster.kubectl(applied, task.replaceAll(/^ {5}/gm, ''))).toContain('task.pentafold.io/first created');
  });

  it('keeps the try-out store’s keys when it is installed anew', async () => {
    const key = ['get', 'secret', 'pentafold-store', '--namespace=research', '--output=jsonpath={.data.S3_SECRET_KEY}'];
    await install('pentafold');
    const before = await cluster.kubectl(key);
    await install('pentafold', '--set=controller.replicas=3');
    expect(await cluster.kubectl(key)).toBe(before);
    expect(before).not.toBe('');
  });

  it.each([
    { who: 'controller', verb: 'watch', group: 'pentafold.io', resource: 'tasks', may: true },
    { who: 'controller', verb: 'patch', group: 'pentafold.io', resource: 'tasks', subresource: 'status', may: true },
    { who: 'controller', verb: 'create', group: 'batch', resource: 'jobs', may: true },
    { who: 'controller', verb: 'create', group: 'authentication.k8s.io', resource: 'tokenreviews', may: true },
    { who: 'controller', verb: 'create', group: '', resource: 'pods', may: false },
    { who: 'controller', verb: 'get', group: '', resource: 'secrets', may: false },
    { who: 'worker', verb: 'get', group: 'pentafold.io', resource: 'tasks', may: false },
    { who: 'worker', verb: 'get', group: '', resource: 'secrets', may: false },
  ])('lets the $who $verb $resource: $may', async ({ who, may, ...attributes }) => {
    await install('pentafold');
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:research:pentafold-${who}`,
        resourceAttributes: { namespace: 'research', ...attributes },
      },
    };
    const asked = ['create', '--filename=-', '--output=jsonpath={.status.allowed}'];
    expect(await cluster.kubectl(asked, JSON.stringify(review))).toBe(String(may));
  });

  it('lets two installations live in one cluster', async () => {
    await install('pentafold');
    await createNamespace(cluster, 'other');
    await helm(
      ['install', 'pentafold', CHART, '--namespace=other', `--values=${example('try-out')}`],
      cluster.kubeconfig,
    );
    const bindings = await cluster.kubectl(['get', 'clusterrolebinding', '--output=name']);
    expect(bindings).toContain('/other-pentafold-controller\n');
    expect(bindings).toContain('/research-pentafold-controller\n');
  });
});
