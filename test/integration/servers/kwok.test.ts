import { expect, it } from 'vitest';
import { startControlPlane } from '#test/servers/control-plane.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { describeNode } from '#test/servers/described-node.ts';
import { startKwok } from '#test/servers/kwok.ts';

const PODS = 40;

await describeWithServers('pods without containers', ['kubernetes', 'kwok'], () => {
  it('succeed by the dozen, on nodes that are only described', { timeout: 180_000 }, async () => {
    await using controlPlane = await startControlPlane();
    await using _kwok = await startKwok(controlPlane);
    const { kubectl } = controlPlane;
    for (const name of ['one', 'other']) await describeNode(controlPlane, name, { 'nvidia.com/gpu': '8' });
    const resources = { limits: { 'nvidia.com/gpu': '1' } };
    const job = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'many' },
      spec: {
        completions: PODS,
        parallelism: PODS,
        template: {
          spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'localhost/none:1', resources }] },
        },
      },
    };
    await kubectl(['create', '--filename=-'], JSON.stringify(job));

    await kubectl(['wait', '--for=condition=Complete', 'job', 'many', '--timeout=120s']);

    expect(await kubectl(['get', 'job', 'many', '--output=jsonpath={.status.succeeded}'])).toBe(String(PODS));
    // Gone, not only marked as to be deleted: that takes who confirms it.
    await kubectl(['delete', 'pods', '--all', '--wait', '--timeout=60s']);
    expect(await kubectl(['get', 'pods', '--output=name'])).toBe('');
  });
});
