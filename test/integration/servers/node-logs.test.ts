import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { runOnPrivateMachine } from '#test/servers/node/private-machine.ts';
import type { LogReport } from './node/logs.ts';

await describeWithServers('pentafold logs, of containers on a node', ['kubernetes', 'containerd'], () => {
  it('shows the newest attempt of each step, the one before, and follows one that runs', {
    timeout: 300_000,
  }, async () => {
    const ended = await runOnPrivateMachine(fileURLToPath(new URL('node/logs.ts', import.meta.url)));
    expect(ended.exitCode, ended.stderr).toBe(0);
    const { all, previous, followed }: LogReport = JSON.parse(ended.stdout);
    expect(all).toEqual({
      exitCode: 0,
      stdout:
        'ingest | read\ningest | all\n' +
        'train 2d fold 0 (attempt 2) | second try\ntrain 2d fold 0 (attempt 2) | without an end\n',
      stderr: '',
    });
    expect(previous).toEqual({ exitCode: 0, stdout: 'train 2d fold 0 | first try\n', stderr: '' });
    expect(followed).toEqual({ exitCode: 0, stdout: 'publish | begins\npublish | ends\n', stderr: '' });
  });
});
