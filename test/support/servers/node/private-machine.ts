import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../temporary-folder.ts';
import { newCgroup } from './cgroup.ts';

/** Of the private machine, on the network that is its own. */
export const MACHINE_ADDRESS = '10.88.0.1';

const enter = fileURLToPath(new URL('enter.sh', import.meta.url));

export interface EndedProgram {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a TypeScript program as on a machine of its own: it has its own processes, mounts and network, where it may start
 * servers and a node (`node.ts`) at fixed addresses. All that it started ends with it, and with this process. Root only.
 *
 * @param program path of its main file. The environment is the caller's, with `TMPDIR` and `CGROUP` of its own.
 */
export async function runOnPrivateMachine(program: string): Promise<EndedProgram> {
  await using folder = await temporaryFolder();
  await using cgroup = await newCgroup(`pentafold-test-${process.pid}-${basename(folder.path)}`);
  const privately = ['--mount', '--net', '--pid', '--fork', '--kill-child', '--propagation=private'];
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--', 'unshare', ...privately],
      ...['sh', enter, MACHINE_ADDRESS, folder.path, process.execPath, program],
    ],
    { env: { ...process.env, TMPDIR: folder.path, CGROUP: cgroup.path }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const [exitCode, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  return { exitCode, stdout, stderr };
}
