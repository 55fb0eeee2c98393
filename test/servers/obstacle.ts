/** What decides whether a machine can make servers ready. */
export interface Machine {
  /** As in `process.platform` and `process.arch`. */
  readonly platform: string;
  readonly arch: string;
  readonly isRoot: boolean;
  readonly hasCommand: (command: string) => boolean;
}

/** Why a machine cannot make a server ready that comes from there, or `null` when it can. */
export function obstacle(from: 'go-package' | 'own-module' | 'debian', machine: Machine): string | null {
  const { platform, arch, isRoot, hasCommand } = machine;
  if (platform !== 'linux' || arch !== 'x64') return `servers run on Linux x86-64 only, this is ${platform} ${arch}`;
  if (!hasCommand('setpriv') || !hasCommand('flock')) return 'setpriv and flock of util-linux were not found';
  if (from !== 'debian') return hasCommand('go') ? null : 'go was not found, and the servers are built from source';
  if (!hasCommand('apt-get')) return 'apt-get was not found, and a node runs the containerd of Debian';
  return isRoot ? null : 'only root can install packages and run a node';
}
