import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { runOnPrivateMachine } from '#test/servers/node/private-machine.ts';
import type { Report } from './node/image-pods.ts';

const program = fileURLToPath(new URL('node/image-pods.ts', import.meta.url));

await describeWithServers('the image, in pods on a real node', ['kubernetes', 'containerd'], () => {
  let report: Report;

  beforeAll(async () => {
    const ended = await runOnPrivateMachine(program);
    expect(ended.exitCode, ended.stderr).toBe(0);
    report = JSON.parse(ended.stdout);
  }, 300_000);

  it('computes with libtorch', () => {
    expect(report.doctor).toMatch(/^ok +engine torch +libtorch 2\.\d+\.\d+/m);
  });

  it('runs as nobody in particular, and writes where it is let', () => {
    expect(JSON.parse(report.alone)).toEqual({
      uid: 65_532,
      folder: '/pentafold',
      root: 'EROFS',
      home: 'EROFS',
      tmp: 'written',
    });
  });

  it('has a worker that says what it misses', () => {
    expect(report.worker).toContain('CONTROLLER_ADDRESS is not set');
  });
});
