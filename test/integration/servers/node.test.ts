import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { runOnPrivateMachine } from '#test/servers/node/private-machine.ts';
import type { Report } from './node/pods.ts';

const pods = fileURLToPath(new URL('node/pods.ts', import.meta.url));

await describeWithServers('a node for tests', ['kubernetes', 'containerd'], () => {
  it('runs pods as containers, and tells how each ended', { timeout: 300_000 }, async () => {
    const ended = await runOnPrivateMachine(pods);
    expect(ended.exitCode, ended.stderr).toBe(0);
    const report: Report = JSON.parse(ended.stdout);
    expect(report).toEqual({
      succeeded: { phase: 'Succeeded', exitCode: 0, reason: 'Completed' },
      log: '1000\nkept\nreached\n',
      failed: { phase: 'Failed', exitCode: 42, reason: 'Error' },
      tookTooMuch: { phase: 'Failed', exitCode: 137, reason: 'OOMKilled' },
      afterRestart: { phase: 'Succeeded', exitCode: 0, reason: 'Completed' },
    } satisfies Report);
  });
});
