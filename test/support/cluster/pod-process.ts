import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { V1Container, V1Pod, V1Volume } from '@kubernetes/client-node';
import type { Stored, Wire } from '#platform/kube/kube-object.ts';
import type { ControlPlane } from '../servers/control-plane.ts';

const execute = promisify(execFile);

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));

type Pod = Stored<V1Pod>;

export interface PodPlace {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly scratchKib: number | null;
}

/** Where the volume of a pod lies. */
export const volumeFolder = (folder: string, volume: string): string => join(folder, 'volumes', volume);

const mountOf = (kib: number, folder: string): string[] => ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', folder];

/**
 * Runs the one container of a pod as a process of this machine: its arguments by this Node.js from this checkout, its
 * volumes as folders. Where its environment names a path of a volume it is told the folder's instead.
 *
 * @param place its volumes and its log go into the folder, which is made here. With `scratchKib` its scratch volume is a
 * file system that holds no more; whoever has it made unmounts it.
 */
export async function startPodProcess(
  cluster: ControlPlane,
  pod: Pod,
  { folder, environment, scratchKib }: PodPlace,
): Promise<ChildProcess> {
  const [container] = pod.spec?.containers ?? [];
  if (container === undefined) throw new RangeError(`pod ${pod.metadata.name} has no container`);
  await mkdir(folder, { recursive: true });
  const folders = await mountedFolders(cluster, pod, container, folder);
  if (scratchKib !== null) await execute('mount', mountOf(scratchKib, volumeFolder(folder, 'scratch')));
  const given = { ...(await fromSecrets(cluster, pod, container)), ...named(container) };
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, onThisMachine(value, folders)]));
  await using log = await open(join(folder, 'log'), 'a');
  const child = spawn(process.execPath, container.args ?? [], {
    cwd: CHECKOUT,
    env: { PATH: process.env.PATH, TMPDIR: folder, ...env, ...environment },
    stdio: ['ignore', log.fd, log.fd],
  });
  await once(child, 'spawn');
  return child;
}

const named = ({ env = [] }: Wire<V1Container>): Record<string, string> =>
  Object.fromEntries(env.map(({ name, value }) => [name, value ?? '']));

async function fromSecrets(
  cluster: ControlPlane,
  { metadata }: Pod,
  { envFrom = [] }: Wire<V1Container>,
): Promise<Record<string, string>> {
  const secrets = await Promise.all(
    envFrom.map(({ secretRef }) => secretData(cluster, metadata.namespace ?? '', secretRef?.name ?? '')),
  );
  return Object.assign({}, ...secrets);
}

/** Path in the container → folder of this machine. */
async function mountedFolders(
  cluster: ControlPlane,
  pod: Pod,
  { volumeMounts = [] }: Wire<V1Container>,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>();
  for (const { name, mountPath } of volumeMounts) {
    const volume = pod.spec?.volumes?.find((one) => one.name === name);
    const place = volumeFolder(folder, name);
    await mkdir(place, { recursive: true });
    for (const [file, text] of Object.entries(volume === undefined ? {} : await filesOf(cluster, pod, volume)))
      await writeFile(join(place, file), text);
    folders.set(mountPath, place);
  }
  return folders;
}

async function filesOf(cluster: ControlPlane, pod: Pod, volume: Wire<V1Volume>): Promise<Record<string, string>> {
  const { namespace = '', name } = pod.metadata;
  if (volume.secret?.secretName !== undefined) return secretData(cluster, namespace, volume.secret.secretName);
  const projection = volume.projected?.sources?.[0]?.serviceAccountToken;
  if (projection === undefined) return {};
  const bound = ['--bound-object-kind=Pod', `--bound-object-name=${name}`, `--audience=${projection.audience ?? ''}`];
  const account = pod.spec?.serviceAccountName ?? 'default';
  const token = await cluster.kubectl(['create', 'token', account, `--namespace=${namespace}`, ...bound]);
  return { [projection.path]: token.trim() };
}

async function secretData(cluster: ControlPlane, namespace: string, name: string): Promise<Record<string, string>> {
  const { data = {} } = JSON.parse(
    await cluster.kubectl(['get', 'secret', name, `--namespace=${namespace}`, '--output=json']),
  );
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString()]),
  );
}

function onThisMachine(value: string, folders: ReadonlyMap<string, string>): string {
  for (const [mountPath, folder] of folders)
    if (value === mountPath || value.startsWith(`${mountPath}/`)) return folder + value.slice(mountPath.length);
  return value;
}
