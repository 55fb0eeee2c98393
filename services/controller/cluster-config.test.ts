import { describe, expect, test } from 'vitest';
import { handedOn, loadClusterConfig } from './cluster-config.ts';

const complete = {
  NAMESPACE: 'research',
  POD_NAME: 'pentafold-controller-0',
  ADVERTISED_ADDRESS: 'pentafold-controller.research.svc:8443',
  LISTEN_ADDRESS: '0.0.0.0:8443',
  OBJECTS: 's3://imaging/pentafold',
  S3_ENDPOINT: 'https://store.local',
  S3_ACCESS_KEY: 'key',
  S3_SECRET_KEY: 'secret',
  BUS: 'nats://bus:4222',
  WORKER_IMAGE: 'registry.local/pentafold:1',
  WORKER_SERVICE_ACCOUNT: 'pentafold-worker',
};

describe('loadClusterConfig', () => {
  test('the rest has its defaults', () => {
    const config = loadClusterConfig(complete);
    expect(config).toMatchObject({
      namespace: 'research',
      health: { host: '0.0.0.0', port: 8080 },
      tls: null,
      objects: { kind: 's3', bucket: 'imaging', prefix: 'pentafold/' },
      bus: { kind: 'nats', servers: ['bus:4222'] },
      loop: { listenAddress: '0.0.0.0:8443', resyncSeconds: 10 },
    });
    expect(config.jobs).toEqual({
      namespace: 'research',
      images: { worker: 'registry.local/pentafold:1', ensemble: 'registry.local/pentafold:1' },
      imagePullPolicy: 'IfNotPresent',
      environmentSecrets: [],
      secretFolders: [],
      authoritySecret: null,
      serviceAccount: 'pentafold-worker',
      controllerAddress: 'pentafold-controller.research.svc:8443',
      accelerators: [],
      device: 'cuda',
      graceSeconds: 120,
      keptSeconds: 3600,
      cacheGiB: 32,
    });
  });

  test('lists are read item by item', () => {
    const { jobs } = loadClusterConfig({
      ...complete,
      WORKER_ENVIRONMENT_SECRETS: 'store,bus',
      WORKER_SECRET_FOLDERS: 'certificates=/var/run/secrets/certificates',
      ACCELERATORS: 'nvidia.com/mig-1g.10gb=10Gi,nvidia.com/gpu=80Gi',
    });
    expect(jobs).toMatchObject({
      environmentSecrets: ['store', 'bus'],
      secretFolders: [{ secret: 'certificates', folder: '/var/run/secrets/certificates' }],
      accelerators: [
        { resource: 'nvidia.com/mig-1g.10gb', memoryBytes: 10 * 2 ** 30 },
        { resource: 'nvidia.com/gpu', memoryBytes: 80 * 2 ** 30 },
      ],
    });
  });

  test('all problems are reported together', () => {
    const env = {
      ...complete,
      NAMESPACE: '',
      ADVERTISED_ADDRESS: undefined,
      ACCELERATORS: 'nvidia.com/gpu=24GB',
      TLS_KEY_FILE: '/key',
      DEVICE: 'tpu',
    };
    expect(() => loadClusterConfig({ ...env, BUS: '', LEASE_SECONDS: '0' })).toThrow(`bad configuration:
  NAMESPACE is not set
  ADVERTISED_ADDRESS is not set
  ACCELERATORS must be resource=memory in Gi, as nvidia.com/gpu=24Gi, separated by commas; got 'nvidia.com/gpu=24GB'
  DEVICE must be one of cpu, cuda
  TLS_KEY_FILE must come with TLS_CERTIFICATE_FILE, and that with it
  BUS is not set
  LEASE_SECONDS must be a whole number of at least 1`);
  });
});

describe('temporary credentials', () => {
  test('come from a security token service, if one is named', () => {
    expect(loadClusterConfig(complete).sts).toBeNull();
    const sts = { S3_STS_ENDPOINT: 'https://sts.local:9000', S3_STS_ROLE_ARN: 'arn:aws:iam::1:role/worker' };
    expect(loadClusterConfig({ ...complete, ...sts }).sts).toEqual({
      endpoint: new URL('https://sts.local:9000'),
      roleArn: 'arn:aws:iam::1:role/worker',
    });
  });

  test.each([
    { name: 'an endpoint that is none', env: { S3_STS_ENDPOINT: 'store' }, want: 'S3_STS_ENDPOINT must be http://' },
    {
      name: 'results elsewhere',
      env: { S3_STS_ENDPOINT: 'https://store.local', OBJECTS: 'file:///objects' },
      want: 'S3_STS_ENDPOINT must come with S3_ENDPOINT and with OBJECTS in that store',
    },
    {
      name: 'a controller without keys',
      env: { S3_CREDENTIALS_FROM: 'controller' },
      want: 'S3_CREDENTIALS_FROM is for workers; a controller has keys',
    },
  ])('are refused with $name', ({ env, want }) => {
    expect(() => loadClusterConfig({ ...complete, ...env })).toThrow(want);
  });

  test('are awaited by the programs of steps', () => {
    expect(handedOn({ ...complete, S3_STS_ENDPOINT: 'https://store.local' })).toMatchObject({
      S3_CREDENTIALS_FROM: 'controller',
    });
  });
});

test('the programs of steps hear where things are kept, and no secret', () => {
  const env = {
    ...complete,
    NATS_STREAM: 'lab',
    NATS_CA_FILE: '',
    NATS_PASSWORD: 'x',
    PATH: '/bin',
    LOG_LEVEL: 'debug',
  };
  expect(handedOn(env)).toEqual({
    OBJECTS: 's3://imaging/pentafold',
    S3_ENDPOINT: 'https://store.local',
    BUS: 'nats://bus:4222',
    NATS_STREAM: 'lab',
    LOG_LEVEL: 'debug',
  });
});
