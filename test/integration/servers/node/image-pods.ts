// Runs on a private machine: pods of our own image on a real node. Says as JSON what they said.

import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ControlPlane, startControlPlane } from '#test/servers/control-plane.ts';
import { startNode } from '#test/servers/node/node.ts';
import { MACHINE_ADDRESS } from '#test/servers/node/private-machine.ts';
import { buildImage } from '../../../../deploy/build-image.ts';

const IMAGE = 'localhost/pentafold:test';

/** What the test asserts about. */
export interface Report {
  readonly doctor: string;
  readonly alone: string;
  readonly worker: string;
}

/** Who it is, and whether it may write where the image is. */
const PROBE =
  "const fs = require('fs'); const written = (path) => { try { fs.writeFileSync(path, ''); return 'written' } catch (e) { return e.code } };" +
  "JSON.stringify({ uid: process.getuid(), folder: process.cwd(), root: written('/file'), home: written('./file'), tmp: written('/tmp/file') })";

if (import.meta.main) process.stdout.write(JSON.stringify(await report()));

async function report(): Promise<Report> {
  const image = join(tmpdir(), 'pentafold.tar');
  await buildImage({ name: IMAGE, out: image });
  await using controlPlane = await startControlPlane(MACHINE_ADDRESS);
  await using _node = await startNode(controlPlane, [image]);
  await controlPlane.kubectl(['label', 'namespace', 'default', 'pod-security.kubernetes.io/enforce=restricted']);
  return {
    doctor: await outputOf(controlPlane, 'doctor', ['services/cli/main.ts', 'doctor', '--home', '/tmp/home']),
    alone: await outputOf(controlPlane, 'alone', ['--print', PROBE]),
    worker: await outputOf(controlPlane, 'worker', ['services/worker/main.ts'], 'Failed'),
  };
}

/** A pod as the chart and the controller make them: under the restricted standard, with `/tmp` alone to write to. */
async function outputOf({ kubectl }: ControlPlane, name: string, args: string[], phase = 'Succeeded'): Promise<string> {
  const container = {
    name: 'main',
    image: IMAGE,
    imagePullPolicy: 'Never',
    args,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
  };
  const spec = {
    restartPolicy: 'Never',
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    volumes: [{ name: 'tmp', emptyDir: {} }],
    containers: [container],
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
  await kubectl(['create', '--filename=-'], JSON.stringify(pod));
  await kubectl(['wait', `--for=jsonpath={.status.phase}=${phase}`, 'pod', name, '--timeout=90s']);
  return kubectl(['logs', name]);
}
