import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

export interface Image {
  /** With the registry's part and a tag, as Kubernetes asks for it: `localhost/pentafold:0.1.0`. */
  readonly name: string;
  /** What will be `/`. Its files become root's, with their modes. */
  readonly rootFolder: string;
  /** Program and arguments. */
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** `uid:gid` that it runs as. */
  readonly user: string;
  /** Where the program starts; `/` when not said. */
  readonly workingFolder?: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/**
 * Writes a container image of one layer as a tar that `ctr images import` and `docker load` read: neither Docker nor a
 * registry is needed to make it. The same image becomes the same bytes on every machine: times and owners are left out.
 *
 * @param path of the tar; seen whole or not at all.
 * @see OCI Image Format Specification 1.1, image-layout.md
 */
export async function writeImage(image: Image, path: string): Promise<void> {
  const layout = await mkdtemp(join(dirname(path), '.image-'));
  try {
    await mkdir(join(layout, 'blobs', 'sha256'), { recursive: true });
    const layer = await addLayer(layout, image.rootFolder);
    const config = await addJson(layout, 'application/vnd.oci.image.config.v1+json', {
      architecture: 'amd64',
      os: 'linux',
      config: {
        Entrypoint: image.entrypoint,
        Env: Object.entries(image.env).map(([name, value]) => `${name}=${value}`),
        User: image.user,
        WorkingDir: image.workingFolder ?? '/',
      },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    const manifest = await addJson(layout, 'application/vnd.oci.image.manifest.v1+json', {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config,
      layers: [layer],
    });
    const annotations = {
      'io.containerd.image.name': image.name,
      'org.opencontainers.image.ref.name': image.name.slice(image.name.lastIndexOf(':') + 1),
    };
    const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
    await writeFile(join(layout, 'index.json'), JSON.stringify(index));
    await writeFile(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    const whole = `${layout}.tar`;
    await tar(layout, whole);
    await rename(whole, path);
  } finally {
    await rm(layout, { recursive: true, force: true });
    await rm(`${layout}.tar`, { force: true });
  }
}

/** Streamed: with libtorch inside a layer has gigabytes. */
async function addLayer(layout: string, rootFolder: string): Promise<Descriptor> {
  const path = join(layout, 'layer.tar');
  await tar(rootFolder, path);
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const digest = hash.digest('hex');
  const { size } = await stat(path);
  await rename(path, join(layout, 'blobs', 'sha256', digest));
  return { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${digest}`, size };
}

async function addJson(layout: string, mediaType: string, value: object): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(layout, 'blobs', 'sha256', digest), bytes);
  return { mediaType, digest: `sha256:${digest}`, size: bytes.length };
}

async function tar(folder: string, path: string): Promise<void> {
  const reproducibly = ['--format=gnu', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await promisify(execFile)('tar', [...reproducibly, '--create', '--file', path, '--directory', folder, '.']);
}
