// An upgrade and a rollback of the CustomResourceDefinitions, as charts/pentafold/README.md tells an administrator to do them.

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { parse } from 'yaml';
import { eventually } from '#test/eventually.ts';
import { CHART, example, generatedDefinition } from '#test/servers/chart.ts';
import { type ControlPlane, createNamespace, startControlPlane } from '#test/servers/control-plane.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { helm } from '#test/servers/helm.ts';

/** A field of `spec.training` with a default, which the older version here does not know. */
const FIELD = 'checkpointIntervalSeconds';
const DEFAULT = '180';

await describeWithServers('the definitions of the chart', ['kubernetes', 'helm'], () => {
  let cluster: ControlPlane;
  let kubectl: ControlPlane['kubectl'];

  beforeAll(async () => {
    cluster = await startControlPlane();
    kubectl = cluster.kubectl;
    await createNamespace(cluster, 'research');
  }, 180_000);
  afterAll(() => cluster[Symbol.asyncDispose]());

  beforeEach(async () => {
    await rollBack();
    await kubectl(['delete', 'tasks', '--all', '--namespace=research']);
  });

  const APPLY = ['apply', '--server-side', '--force-conflicts'];

  async function rollBack(): Promise<void> {
    const older = parse(await generatedDefinition('tasks'));
    delete older.spec.versions[0].schema.openAPIV3Schema.properties.spec.properties.training.properties[FIELD];
    await kubectl([...APPLY, '--filename=-'], JSON.stringify(older));
    await kubectl(['wait', '--for=condition=Established', 'crd/tasks.pentafold.io', '--timeout=30s']);
    await eventually('the older definition is served', async () => !(await isServed()));
  }

  async function upgrade(): Promise<void> {
    await kubectl([...APPLY, `--filename=${CHART}/crds`]);
    await eventually('the newer definition is served', isServed);
  }

  /** Whether a Task may have the field: a dry run of one that has. */
  const isServed = (): Promise<boolean> =>
    create('probe', { [FIELD]: 7 }, '--dry-run=server').then(
      () => true,
      () => false,
    );

  const create = (name: string, training: object, ...more: string[]): Promise<string> =>
    kubectl(
      ['create', '--namespace=research', '--validate=strict', '--filename=-', ...more],
      JSON.stringify({
        apiVersion: 'pentafold.io/v1alpha1',
        kind: 'Task',
        metadata: { name },
        spec: { dataset: { uri: 's3://data/set' }, training },
      }),
    );

  const trainingField = (name: string, field: string): Promise<string> =>
    kubectl(['get', 'task', name, '--namespace=research', `--output=jsonpath={.spec.training.${field}}`]);

  it('are left as they are by an upgrade with Helm, and replaced by the command that is documented', async () => {
    await helm(
      ['upgrade', '--install', 'pentafold', CHART, '--namespace=research', `--values=${example('try-out')}`],
      cluster.kubeconfig,
    );
    expect(await isServed()).toBe(false);

    await upgrade();

    expect(await isServed()).toBe(true);
  });

  it('upgraded, keep the Tasks that there are, and give them the defaults of what is new', async () => {
    await create('earlier', { epochs: 7 });
    expect(await trainingField('earlier', FIELD)).toBe('');

    await upgrade();

    expect(await trainingField('earlier', 'epochs')).toBe('7');
    await eventually('the default is there', async () => (await trainingField('earlier', FIELD)) === DEFAULT);
  });

  it('rolled back, keep the Tasks of the newer version, without what only that one knew', async () => {
    await upgrade();
    await create('later', { epochs: 7, [FIELD]: 60 });

    await rollBack();

    expect(await trainingField('later', 'epochs')).toBe('7');
    await eventually('the newer field is not shown', async () => (await trainingField('later', FIELD)) === '');
    // As the controller writes to it.
    const patch = ['patch', 'task', 'later', '--namespace=research', '--subresource=status', '--type=merge'];
    await kubectl([
      ...patch,
      '--patch={"status":{"observedGeneration":1,"conditions":[],"progress":"0%","configurations":[]}}',
    ]);
    await upgrade();
    await eventually('it has the default', async () => (await trainingField('later', FIELD)) === DEFAULT);
  });

  it('rolled back and upgraded again, give back what nobody has written over meanwhile', async () => {
    await upgrade();
    await create('later', { epochs: 7, [FIELD]: 60 });
    await rollBack();
    await eventually('the newer field is not shown', async () => (await trainingField('later', FIELD)) === '');

    await upgrade();

    await eventually('it is as it was', async () => (await trainingField('later', FIELD)) === '60');
  });
});
