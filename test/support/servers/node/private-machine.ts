import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../temporary-folder.ts';
import { type EndedProgram, runProgram } from '../run-program.ts';
import { newCgroup } from './cgroup.ts';

/** Of the private machine, on the network that is its own. */
export const MACHINE_ADDRESS = '10.88.0.1';

const enter = fileURLToPath(new URL('enter.sh', import.meta.url));

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
  const args = [...privately, 'sh', enter, MACHINE_ADDRESS, folder.path, process.execPath, program];
  return await runProgram('unshare', args, { ...process.env, TMPDIR: folder.path, CGROUP: cgroup.path });
}
