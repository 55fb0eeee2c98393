import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CHART, EXAMPLES, example, type Manifest, manifestsOf, templateChart } from '#test/servers/chart.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { helm } from '#test/servers/helm.ts';
import { loadClusterConfig } from '../../../../services/controller/cluster-config.ts';

await describeWithServers('the chart', ['helm'], () => {
  it.each(EXAMPLES)('passes Helm’s own checks with the values of %s', async (name) => {
    expect(await helm(['lint', '--strict', CHART, '--kube-version=1.35.0', `--values=${example(name)}`])).toContain(
      '0 chart(s) failed',
    );
  });

  it('is of the version of the programs', async () => {
    const { appVersion } = parse(await readFile(`${CHART}/Chart.yaml`, 'utf8'));
    expect(appVersion).toBe(JSON.parse(await readFile('package.json', 'utf8')).version);
  });

  it('says all that is missing at once', async () => {
    await expect(templateChart('/dev/null')).rejects.toThrow(
      /objects\.uri is not set.*s3\.endpoint is not set.*bus\.uri is not set.*keys are not set/s,
    );
  });

  it.each<{ name: string; settings: string[]; want: RegExp }>([
    { name: 'a value that there is not', settings: ['controler.replicas=2'], want: /controler/ },
    { name: 'a value that there is not, deep inside', settings: ['s3.region2=x'], want: /'\/s3'.*region2/ },
    { name: 'another word', settings: ['image.pullPolicy=Sometimes'], want: /'\/image\/pullPolicy'.*'Always'/ },
    { name: 'no replicas', settings: ['controller.replicas=0'], want: /'\/controller\/replicas'.*minimum/ },
    { name: 'a store of another kind', settings: ['objects.uri=file:///data'], want: /'\/objects\/uri'.*s3:/ },
    { name: 'a bus of another kind', settings: ['bus.uri=http://nats'], want: /'\/bus\/uri'.*nats/ },
    {
      name: 'an accelerator without its memory',
      settings: ['worker.accelerators[0].resource=nvidia.com/gpu'],
      want: /'\/worker\/accelerators\/0'.*memory/,
    },
    { name: 'a digest that is none', settings: ['image.digest=latest'], want: /'\/image\/digest'/ },
    { name: 'a variable that NATS does not have', settings: ['bus.files.NATS_FILE=x'], want: /'\/bus\/files'/ },
    {
      name: 'half of the keys',
      settings: ['s3.existingSecret=', 's3.accessKey=x'],
      want: /s3\.accessKey and s3\.secretKey are set together/,
    },
    { name: 'keys twice', settings: ['s3.accessKey=x', 's3.secretKey=x'], want: /keys are set twice/ },
    {
      name: 'temporary credentials of a store that has none',
      settings: ['tryOut.enabled=true', 's3.stsEndpoint=https://store.example'],
      want: /s3\.stsEndpoint: the store of tryOut/,
    },
    {
      name: 'a role of nobody',
      settings: ['s3.stsRoleArn=arn:aws:iam::1:role/x'],
      want: /s3\.stsEndpoint does not say/,
    },
    { name: 'a service that is none', settings: ['s3.stsEndpoint=store'], want: /'\/s3\/stsEndpoint'/ },
    { name: 'files of no Secret', settings: ['bus.files.NATS_CA_FILE=ca.crt'], want: /bus\.existingSecret/ },
    { name: 'a certificate that nobody can check', settings: ['tls.existingSecret=x'], want: /tls\.authoritySecret/ },
    { name: 'a store besides its own', settings: ['tryOut.enabled=true'], want: /tryOut\.enabled brings/ },
    {
      name: 'metrics that nobody may read',
      settings: ['serviceMonitor.enabled=true'],
      want: /networkPolicies\.metrics/,
    },
  ])('refuses $name, and says which', async ({ settings, want }) => {
    await expect(templateChart(example('own-store'), settings)).rejects.toThrow(want);
  });

  describe('with everything set', () => {
    const made = (settings: string[] = []) => templateChart(example('secured'), settings).then(manifestsOf);

    it('tells the controller all of it', async () => {
      expect(environmentOf(deployment(await made()))).toMatchObject({
        ACCELERATORS: 'nvidia.com/gpu=80Gi,nvidia.com/mig-1g.10gb=10Gi',
        ADVERTISED_ADDRESS: 'pentafold-controller.research.svc:8443',
        BUS: 'tls://nats-1.example:4222, tls://nats-2.example:4222',
        DEVICE: 'cuda',
        GRACE_SECONDS: '180',
        NATS_CREDS_FILE: '/var/run/secrets/pentafold-bus/user.creds',
        OBJECTS: 's3://pentafold/research',
        RESYNC_SECONDS: '30',
        S3_ENDPOINT: 'https://store.example:9000',
        S3_REGION: 'eu-central-1',
        TLS_KEY_FILE: '/var/run/secrets/pentafold-tls/tls.key',
        WORKER_CA_SECRET: 'pentafold-controller-authority',
        S3_STS_ENDPOINT: 'https://store.example:9000',
        WORKER_ENVIRONMENT_SECRETS: 'own-authority-variables',
        WORKER_IMAGE: expect.stringMatching(/^registry\.example\/pentafold:\d/),
        WORKER_SECRET_FOLDERS: 'own-authority=/etc/own-authority,pentafold-nats=/var/run/secrets/pentafold-bus',
        WORKER_SERVICE_ACCOUNT: 'pentafold-worker',
      });
    });

    it('gives the store’s keys to workers only where the store has no temporary credentials for them', async () => {
      const manifests = await made(['s3.stsEndpoint=']);
      expect(environmentOf(deployment(manifests))).toMatchObject({
        WORKER_ENVIRONMENT_SECRETS: 'pentafold-store-keys,own-authority-variables',
      });
      expect(Object.keys(environmentOf(deployment(manifests)))).not.toContain('S3_STS_ENDPOINT');
    });

    it('lets the controller out to the security token service', async () => {
      const manifests = await made(['s3.stsEndpoint=https://sts.example:9443', 's3.stsRoleArn=arn:aws:iam::1:role/x']);
      const policy = manifests.find(
        (one) => one.metadata.name === 'pentafold-controller' && one.kind === 'NetworkPolicy',
      );
      expect(policy?.spec.egress.at(-1)).toEqual({
        ports: [{ port: 9443 }],
        to: [{ ipBlock: { cidr: '10.20.0.0/16' } }],
      });
      expect(environmentOf(deployment(manifests))).toMatchObject({ S3_STS_ROLE_ARN: 'arn:aws:iam::1:role/x' });
    });

    it('says nothing of what is left to the programs', async () => {
      expect(Object.keys(environmentOf(deployment(await made())))).not.toContain('CACHE_GIB');
    });

    it('takes an image by its digest', async () => {
      const digest = `sha256:${'0'.repeat(64)}`;
      const { containers } = deployment(await made([`image.digest=${digest}`])).spec.template.spec;
      expect(containers[0].image).toBe(`registry.example/pentafold@${digest}`);
    });

    it('lets programs out to the ports of store and bus alone, and Prometheus in', async () => {
      const manifests = await made(['s3.endpoint=https://store.example']);
      const policy = (name: string) =>
        manifests.find((one) => one.kind === 'NetworkPolicy' && one.metadata.name === name);
      expect(policy('pentafold-deny')?.spec).toEqual({
        podSelector: { matchLabels: { 'app.kubernetes.io/name': 'pentafold' } },
        policyTypes: ['Ingress', 'Egress'],
      });
      expect(policy('pentafold-stores')?.spec.egress.slice(1)).toEqual([
        { ports: [{ port: 443 }], to: [{ ipBlock: { cidr: '10.20.0.0/16' } }] },
        { ports: [{ port: 4222 }], to: [{ namespaceSelector: expect.anything() }] },
      ]);
      expect(policy('pentafold-controller')?.spec.ingress.map((rule: { ports: object }) => rule.ports)).toEqual([
        [{ port: 8443 }],
        [{ port: 8080 }],
      ]);
      expect(policy('pentafold-worker')?.spec.ingress).toBeUndefined();
    });

    it('has Prometheus look at the port of the metrics', async () => {
      const manifests = await made(['serviceMonitor.enabled=true', 'serviceMonitor.labels.release=prometheus']);
      const monitor = manifests.find(({ kind }) => kind === 'ServiceMonitor');
      const service = manifests.find(({ kind, spec }) => kind === 'Service' && spec.clusterIP === 'None');
      expect(monitor?.metadata.labels).toMatchObject({ release: 'prometheus' });
      expect(service?.metadata.labels).toMatchObject(monitor?.spec.selector.matchLabels);
      expect(service?.spec.ports.map(({ name }: { name: string }) => name)).toContain(monitor?.spec.endpoints[0].port);
    });
  });

  it.each(EXAMPLES)('gives the controller an environment that it understands, with the values of %s', async (name) => {
    const env = environmentOf(deployment(manifestsOf(await templateChart(example(name)))));
    // What the cluster adds.
    const added = { NAMESPACE: 'research', POD_NAME: 'pod', S3_ACCESS_KEY: 'key', S3_SECRET_KEY: 'secret' };
    expect(loadClusterConfig({ ...env, ...added }).jobs.controllerAddress).toBe(env.ADVERTISED_ADDRESS);
  });

  it.each(EXAMPLES)('says nothing that docs/cluster.md does not explain, with the values of %s', async (name) => {
    const explained = (
      await Promise.all(['cluster', 'nats'].map((page) => readFile(`docs/${page}.md`, 'utf8')))
    ).join();
    const env = environmentOf(deployment(manifestsOf(await templateChart(example(name)))));
    expect(Object.keys(env).filter((variable) => !explained.includes(`\`${variable}\``))).toEqual([]);
  });
});

function deployment(manifests: readonly Manifest[]): Manifest {
  const found = manifests.find(({ kind }) => kind === 'Deployment');
  if (found === undefined) throw new Error('no Deployment among the manifests');
  return found;
}

const environmentOf = ({ spec }: Manifest): Record<string, string> =>
  Object.fromEntries(
    spec.template.spec.containers[0].env.map(({ name, value }: { name: string; value?: string }) => [
      name,
      value ?? '',
    ]),
  );
