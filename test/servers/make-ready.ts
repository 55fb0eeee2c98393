import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type PinnedServer, programPaths, type ServerName, servers, serversFolder } from './catalogue.ts';
import { type Machine, obstacle } from './obstacle.ts';

type BuiltServer = Exclude<PinnedServer, { readonly from: 'debian' }>;

const SIGN_OF_LIFE_MS = 15_000;

const thisMachine: Machine = {
  platform: process.platform,
  arch: process.arch,
  isRoot: process.getuid?.() === 0,
  hasCommand: (command) =>
    (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, command))),
};

/** Whether all programs of a server are there, in the pinned version. */
export const isReady = (name: ServerName): boolean => programPaths(name).every(isExecutable);

/**
 * Builds or installs a server where that was not yet done, and says how far it is: one line when it begins, a sign of
 * life every 15 s, one line with the seconds when it ends.
 *
 * @returns why the server is not to be had on this machine, or `null` when it is there.
 */
export async function makeReady(name: ServerName, say: (line: string) => void): Promise<string | null> {
  if (isReady(name)) return null;
  const server = servers[name];
  const reason = obstacle(server.from, thisMachine);
  if (reason !== null) return reason;
  const title = server.from === 'debian' ? name : `${name} ${server.version}`;
  say(`${title}: ${server.from === 'debian' ? `installing ${server.packages.join(', ')}` : 'building'} …`);
  const started = performance.now();
  const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
  const steps = { done: 0 };
  const watch = setInterval(() => say(`${title}: … ${seconds()}, ${steps.done} steps done`), SIGN_OF_LIFE_MS);
  try {
    await (server.from === 'debian' ? install(server.packages, steps) : build(name, server, steps));
  } catch (error) {
    if (!(error instanceof FailedCommandError)) throw error;
    say(`${title}: failed after ${seconds()}; its last words:\n${error.lastWords}`);
    return `${title} could not be made ready: ${error.message}`;
  } finally {
    clearInterval(watch);
  }
  say(`${title}: ready after ${seconds()}`);
  return null;
}

/** Built beside its place and renamed: a broken-off build is never taken for whole. */
async function build(name: ServerName, server: BuiltServer, steps: { done: number }): Promise<void> {
  await mkdir(serversFolder, { recursive: true });
  const folder = await mkdtemp(join(serversFolder, `.${name}-`));
  try {
    const flags = ['-v', '-trimpath', '-ldflags', ['-s', '-w', ...linkerFlags(server)].join(' ')];
    const what =
      server.from === 'go-package'
        ? ['install', ...flags, `${server.package}@${server.goVersion ?? `v${server.version}`}`]
        : ['build', '-C', fileURLToPath(new URL(server.module, import.meta.url)), ...flags, '-o', folder, '.'];
    // Whoever waited for the lock while another built the same finds all compiled, and only links again.
    await run(
      'flock',
      [join(serversFolder, '.lock'), 'nice', 'go', ...what],
      { CGO_ENABLED: '0', GOBIN: folder },
      steps,
    );
    const [program, ...names] = server.programs;
    if (program === undefined) throw new TypeError(`${name} has no program`);
    for (const other of names) await symlink(program, join(folder, other));
    for (const path of programPaths(name)) {
      await mkdir(dirname(path), { recursive: true });
      await rename(join(folder, path.slice(dirname(path).length + 1)), path);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const linkerFlags = (server: BuiltServer): readonly string[] =>
  server.from === 'own-module' ? server.linkerFlags : [];

async function install(packages: readonly string[], steps: { done: number }): Promise<void> {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update'], env, steps);
  await run('apt-get', ['install', '--yes', '--no-install-recommends', ...packages], env, steps);
}

class FailedCommandError extends Error {
  readonly lastWords: string;
  constructor(command: string, exitCode: number | null, lastWords: string) {
    super(`${command} ended with code ${exitCode}`);
    this.lastWords = lastWords;
  }
}

/** @throws {FailedCommandError} with the end of what the command said. */
async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  steps: { done: number },
): Promise<void> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lastWords: string[] = [];
  const listen = async (stream: ChildProcess['stdout']) => {
    if (stream === null) return;
    for await (const line of createInterface(stream)) {
      steps.done += 1;
      lastWords.push(line);
      if (lastWords.length > 20) lastWords.shift();
    }
  };
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const [exitCode] = await Promise.all([ended, listen(child.stdout), listen(child.stderr)]);
  if (exitCode !== 0) throw new FailedCommandError([command, ...args].join(' '), exitCode, lastWords.join('\n'));
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
