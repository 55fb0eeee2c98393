import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { runOnPrivateMachine } from '#test/servers/node/private-machine.ts';
import type { Report } from './on-a-node.ts';

const program = fileURLToPath(new URL('on-a-node.ts', import.meta.url));

await describeWithServers(
  'the chart, on a real node',
  ['kubernetes', 'containerd', 'helm', 'nats', 'versitygw'],
  () => {
    let report: Report;

    beforeAll(async () => {
      const ended = await runOnPrivateMachine(program);
      expect(ended.exitCode, ended.stderr).toBe(0);
      report = JSON.parse(ended.stdout);
    }, 300_000);

    it('gets all pods ready: two controllers, a store, a bus', () => {
      expect(report.ready.toSorted()).toEqual([
        'pentafold-bus-0',
        expect.stringMatching(/^pentafold-controller-/),
        expect.stringMatching(/^pentafold-controller-/),
        'pentafold-store-0',
      ]);
    });

    it('has one of the controllers lead, with the rights that it gives them', () => {
      expect(report.leader).toMatch(/^pentafold-controller-/);
      expect(report.accepted).toBe('The spec can be carried out.');
    });

    it('has a bucket in the store, which asks for keys', () => {
      expect(report.bucket).toEqual({ made: 403, other: 404 });
    });
  },
);
