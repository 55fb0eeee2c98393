import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { kubernetesProgram } from './control-plane-launches.ts';

/**
 * Runs kubectl of the control plane's own version.
 *
 * @returns what it says on stdout.
 * @throws {Error} with what it says on stderr when it fails.
 */
export async function kubectl(kubeconfig: string, args: readonly string[], stdin = ''): Promise<string> {
  const child = spawn(kubernetesProgram('kubectl'), args, {
    // It keeps what it learns of the API below HOME.
    env: { KUBECONFIG: kubeconfig, HOME: dirname(kubeconfig) },
  });
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  child.stdin.end(stdin);
  const [exitCode, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}
