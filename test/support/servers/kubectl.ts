import { dirname } from 'node:path';
import { kubernetesProgram } from './control-plane-launches.ts';
import { runProgram } from './run-program.ts';

/**
 * Runs kubectl of the control plane's own version.
 *
 * @returns what it says on stdout.
 * @throws {Error} with what it says on stderr when it fails.
 */
export async function kubectl(kubeconfig: string, args: readonly string[], stdin?: string): Promise<string> {
  // It keeps what it learns of the API below HOME.
  const env = { PATH: process.env.PATH, KUBECONFIG: kubeconfig, HOME: dirname(kubeconfig) };
  const { exitCode, stdout, stderr } = await runProgram(kubernetesProgram('kubectl'), args, env, stdin);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}
