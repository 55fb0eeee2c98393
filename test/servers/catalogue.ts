import { homedir } from 'node:os';
import { join } from 'node:path';

export type ServerName = 'nats' | 'versitygw' | 'kubernetes' | 'containerd' | 'helm' | 'kwok' | 'minio';

/** A server that tests talk to, in the one version that they talk to, and where it comes from. */
export type PinnedServer =
  | {
      readonly from: 'go-package';
      readonly version: string;
      readonly programs: readonly string[];
      readonly package: string;
      /** What `go` calls the version, where that is not `v` and the version. */
      readonly goVersion?: string;
    }
  | {
      /** A module of ours below `test/servers`, whose one program goes by several names. */
      readonly from: 'own-module';
      readonly version: string;
      readonly programs: readonly string[];
      readonly module: string;
      readonly linkerFlags: readonly string[];
    }
  | {
      /** The distribution's own, of the version that it has. */
      readonly from: 'debian';
      readonly programs: readonly string[];
      readonly packages: readonly string[];
    };

const KUBERNETES = '1.35.4';

/** To see what exists, read this. In the order in which all are built: what most tests need comes first. */
export const servers: Readonly<Record<ServerName, PinnedServer>> = {
  nats: {
    from: 'go-package',
    version: '2.15.2',
    programs: ['nats-server'],
    package: 'github.com/nats-io/nats-server/v2',
  },
  versitygw: {
    from: 'go-package',
    version: '1.8.0',
    programs: ['versitygw'],
    package: 'github.com/versity/versitygw/cmd/versitygw',
  },
  kubernetes: {
    from: 'own-module',
    version: KUBERNETES,
    programs: [
      'kubernetes',
      'etcd',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'kubelet',
      'kubectl',
    ],
    module: 'kubernetes',
    // Without them the API server says version 0.0 of itself, and refuses to start.
    linkerFlags: ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((at) => [
      `-X ${at}.gitVersion=v${KUBERNETES}`,
      `-X ${at}.gitMajor=1`,
      `-X ${at}.gitMinor=35`,
    ]),
  },
  containerd: {
    from: 'debian',
    programs: ['/usr/bin/containerd', '/usr/sbin/runc', '/usr/lib/cni/bridge', '/bin/busybox', '/bin/ip'],
    packages: ['containerd', 'runc', 'containernetworking-plugins', 'busybox-static', 'iproute2'],
  },
  helm: { from: 'go-package', version: '3.22.0', programs: ['helm'], package: 'helm.sh/helm/v3/cmd/helm' },
  kwok: { from: 'go-package', version: '0.8.0', programs: ['kwok'], package: 'sigs.k8s.io/kwok/cmd/kwok' },
  // Under the AGPL: built and run as it is, only to see that we get on with it.
  minio: {
    from: 'go-package',
    version: '2026-02-12',
    goVersion: 'v0.0.0-20260212201848-7aac2a2c5b7c',
    programs: ['minio'],
    package: 'github.com/minio/minio',
  },
};

export const isServerName = (name: string): name is ServerName => Object.hasOwn(servers, name);

const cache = process.env.PENTAFOLD_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'pentafold');

/** Where built servers lie, each in the folder of its version. */
export const serversFolder = join(cache, 'servers');

/** Path of each program of a server, whether it is there or not. */
export function programPaths(name: ServerName): string[] {
  const server = servers[name];
  if (server.from === 'debian') return [...server.programs];
  return server.programs.map((program) => join(serversFolder, `${server.programs[0]}-${server.version}`, program));
}
