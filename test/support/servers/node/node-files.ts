// The configuration of what runs on a node.

import { join } from 'node:path';
import { CLUSTER_DOMAIN } from './cluster-dns.ts';
import { MACHINE_ADDRESS } from './private-machine.ts';

/** Where pods ask for names, within the API server's `--service-cluster-ip-range`. */
export const DNS_ADDRESS = '10.96.0.10';

export const PAUSE_IMAGE = 'localhost/pause:1';

export const containerdSocket = (folder: string): string => join(folder, 'containerd.sock');

/** TOML. Everything below `folder`; containers run by runc, their pods' network as in `network`. */
export const containerdConfig = (folder: string): string => `version = 2
root = '${join(folder, 'containerd')}'
state = '${join(folder, 'containerd-state')}'
[grpc]
address = '${containerdSocket(folder)}'
[plugins.'io.containerd.grpc.v1.cri']
sandbox_image = '${PAUSE_IMAGE}'
# In a container that itself may not lower the score, it would refuse to start pods.
restrict_oom_score_adj = true
[plugins.'io.containerd.grpc.v1.cri'.cni]
bin_dir = '/usr/lib/cni'
conf_dir = '${networkFolder(folder)}'
[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'
[plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]
SystemdCgroup = false
`;

export const networkFolder = (folder: string): string => join(folder, 'network');

/** Pods get addresses of 10.89.0.0/24 and reach each other and the machine, nothing else. */
export const network = (folder: string): object => ({
  cniVersion: '0.4.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'pods0',
      isDefaultGateway: true,
      ipam: {
        type: 'host-local',
        dataDir: join(folder, 'addresses'),
        ranges: [[{ subnet: '10.89.0.0/24' }]],
      },
    },
  ],
});

/** @param cgroup below which the pods are put. */
export const kubeletConfig = (folder: string, cgroup: string): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  failCgroupV1: false,
  cgroupDriver: 'cgroupfs',
  cgroupRoot: cgroup,
  containerRuntimeEndpoint: `unix://${containerdSocket(folder)}`,
  podLogsDir: join(folder, 'pod-logs'),
  volumePluginDir: join(folder, 'volume-plugins'),
  address: MACHINE_ADDRESS,
  readOnlyPort: 0,
  // The network is private, and the API server has no certificate to show.
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: 'AlwaysAllow' },
  // The machine's disk and memory belong to others too: their fullness is no reason to evict a test's pod.
  evictionHard: { 'memory.available': '50Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
  resolvConf: '',
  clusterDNS: [DNS_ADDRESS],
  clusterDomain: CLUSTER_DOMAIN,
});
