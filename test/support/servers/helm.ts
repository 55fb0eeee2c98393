import { programPaths } from '../../servers/catalogue.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { runProgram } from './run-program.ts';

/**
 * Runs Helm, with no settings but those given.
 *
 * @param kubeconfig of the cluster; without one only what needs none succeeds, such as `template`.
 * @returns what it says on stdout.
 * @throws {Error} with what it says on stderr when it fails.
 */
export async function helm(args: readonly string[], kubeconfig = '/dev/null'): Promise<string> {
  await using home = await temporaryFolder();
  const [program = ''] = programPaths('helm');
  const env = { PATH: process.env.PATH, HOME: home.path, KUBECONFIG: kubeconfig };
  const { exitCode, stdout, stderr } = await runProgram(program, args, env);
  if (exitCode !== 0) throw new Error(`helm ${args.join(' ')}: ${stderr.trim()}`);
  return stdout;
}
