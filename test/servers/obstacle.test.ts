import { describe, expect, it } from 'vitest';
import { type Machine, obstacle } from './obstacle.ts';

const able: Machine = { platform: 'linux', arch: 'x64', isRoot: true, hasCommand: () => true };
const without =
  (...missing: readonly string[]) =>
  (command: string) =>
    !missing.includes(command);

describe('what keeps a machine from making a server ready', () => {
  it.each([
    { name: 'nothing', from: 'go-package', machine: able, want: null },
    { name: 'nothing, for a package of Debian', from: 'debian', machine: able, want: null },
    {
      name: 'another processor',
      from: 'go-package',
      machine: { ...able, arch: 'arm64' },
      want: 'servers run on Linux x86-64 only, this is linux arm64',
    },
    {
      name: 'another system',
      from: 'own-module',
      machine: { ...able, platform: 'darwin' },
      want: 'servers run on Linux x86-64 only, this is darwin x64',
    },
    {
      name: 'no setpriv',
      from: 'go-package',
      machine: { ...able, hasCommand: without('setpriv') },
      want: 'setpriv and flock of util-linux were not found',
    },
    {
      name: 'no Go',
      from: 'own-module',
      machine: { ...able, hasCommand: without('go') },
      want: 'go was not found, and the servers are built from source',
    },
    {
      name: 'nothing, although Go is missing',
      from: 'debian',
      machine: { ...able, hasCommand: without('go') },
      want: null,
    },
    {
      name: 'no apt-get',
      from: 'debian',
      machine: { ...able, hasCommand: without('apt-get') },
      want: 'apt-get was not found, and a node runs the containerd of Debian',
    },
    {
      name: 'a common user',
      from: 'debian',
      machine: { ...able, isRoot: false },
      want: 'only root can install packages and run a node',
    },
    { name: 'nothing, for a common user with Go', from: 'go-package', machine: { ...able, isRoot: false }, want: null },
  ] as const)('is $name', ({ from, machine, want }) => {
    expect(obstacle(from, machine)).toBe(want);
  });
});
