import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkBus } from '#platform/bus/check-bus.ts';
import { NatsBus } from '#platform/bus/nats-bus.ts';
import { loadNatsConfig } from '#platform/bus/nats-config.ts';
import { connectNats } from '#platform/bus/nats-connection.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { type Nats, startNats } from '#test/servers/nats.ts';
import { drawNatsOperator } from '#test/servers/nats-operator.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const at = (name: string): string => join(folder.path, name);
const put = async (name: string, content: string): Promise<string> => {
  await writeFile(at(name), content);
  return at(name);
};

type Env = Readonly<Record<string, string>>;

const accessTo = ({ url }: Pick<Nats, 'url'>, env: Env = {}, requiresTls = false) => ({
  servers: [new URL(url).host],
  requiresTls,
  ...loadNatsConfig(env),
});

/** The names of the checks that passed, and the first that did not. */
async function check(nats: Pick<Nats, 'url'>, env: Env = {}, requiresTls = false) {
  const findings = await checkBus(accessTo(nats, env, requiresTls), loadNatsConfig(env));
  const names = findings.filter(({ ok }) => ok).map(({ name }) => name);
  return { passed: names, failed: findings.find(({ ok }) => !ok) };
}

const ALL = ['bus reachable', 'JetStream enabled', 'account limits', 'stream', 'publish'];

await describeWithServers('a server of NATS', ['nats'], () => {
  describe('with', () => {
    test('a token lets in who has it in a file', async () => {
      await using nats = await startNats('jetstream: enabled\nauthorization: { token: secret }');
      expect(await check(nats, { NATS_TOKEN_FILE: await put('token', 'secret\n') })).toEqual({ passed: ALL });
      expect((await check(nats, { NATS_TOKEN_FILE: await put('token', 'wrong') })).failed).toMatchObject({
        name: 'bus reachable',
        detail: expect.stringMatching(/authorization/i),
      });
      expect((await check(nats)).failed?.name).toBe('bus reachable');
    });

    test('users lets in who has name and password in files', async () => {
      await using nats = await startNats('jetstream: enabled\nauthorization: { user: worker, password: secret }');
      const files = {
        NATS_USER_FILE: await put('user', 'worker'),
        NATS_PASSWORD_FILE: await put('password', 'secret'),
      };
      expect(await check(nats, files)).toEqual({ passed: ALL });
    });

    test('an operator lets in who has a creds file', async () => {
      const { configuration, creds } = drawNatsOperator();
      await using nats = await startNats(configuration);
      expect(await check(nats, { NATS_CREDS_FILE: await put('worker.creds', creds) })).toEqual({ passed: ALL });
      const stranger = drawNatsOperator().creds;
      expect((await check(nats, { NATS_CREDS_FILE: await put('worker.creds', stranger) })).failed?.name).toBe(
        'bus reachable',
      );
    });

    test('a certificate of its own authority is believed by who knows that one, and shown ours', async () => {
      const { authority, certificate, key } = await drawCertificates();
      const tls = `tls { cert_file: "${certificate}", key_file: "${key}", ca_file: "${authority}", verify: true }`;
      await using nats = await startNats(`jetstream: enabled\n${tls}`);
      // The client compares certificates with names, not with addresses.
      const named = { url: nats.url.replace('127.0.0.1', 'localhost') };
      const own = { NATS_CERTIFICATE_FILE: certificate, NATS_KEY_FILE: key };
      expect(await check(named, { ...own, NATS_CA_FILE: authority }, true)).toEqual({ passed: ALL });
      expect((await check(named, own, true)).failed).toMatchObject({ detail: expect.stringMatching(/certificate/) });
      expect((await check(named, { NATS_CA_FILE: authority }, true)).failed?.name).toBe('bus reachable');
    });

    test('no certificate is not spoken to where TLS is asked for', async () => {
      await using nats = await startNats();
      expect((await check(nats, {}, true)).failed).toMatchObject({ detail: expect.stringContaining('tls') });
    });
  });

  test('lets in with credentials as they are when a connection is made', async () => {
    await using nats = await startNats('jetstream: enabled\nauthorization: { token: new }');
    const access = accessTo(nats, { NATS_TOKEN_FILE: await put('token', 'old') });
    await expect(connectNats(access)).rejects.toThrow(/authorization/i);
    await put('token', 'new');
    await (await connectNats(access)).close();
  });

  test('needs to allow a user no more than the documentation says', async () => {
    const permissions = 'publish: ["pentafold.>", "$JS.API.>"], subscribe: ["_INBOX.>"]';
    const users = `authorization { users: [{ user: a, password: a, permissions: { ${permissions} } }] }`;
    await using nats = await startNats(`jetstream: enabled\n${users}\nno_auth_user: a`);
    expect(await check(nats)).toEqual({ passed: ALL });
    const config = loadNatsConfig({});
    await using bus = new NatsBus({
      access: accessTo(nats),
      stream: config,
      clock: systemClock,
      log: new RecordingLogger(),
    });
    await bus.publish({ subject: 'metrics.a', id: '1', body: null });
    const ended = new AbortController();
    for await (const { id } of bus.subscribe('metrics.>', ended.signal)) {
      expect(id).toBe('1');
      ended.abort();
    }
  });

  test('passes every check, twice, and holds no message afterwards', async () => {
    await using nats = await startNats();
    expect(await check(nats)).toEqual({ passed: ALL });
    const findings = await checkBus(accessTo(nats), loadNatsConfig({}));
    expect(findings.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/^NATS \d+\.\d+\.\d+ at 127\.0\.0\.1:\d+$/),
      '1 of unlimited streams',
      expect.stringMatching(/^0 MiB of .* used, 256 MiB reserved$/),
      'pentafold is as configured',
      'acknowledged; a repetition is recognised',
    ]);
  });

  test.each([
    { name: 'bus reachable', configuration: null, detail: /refused/ },
    { name: 'JetStream enabled', configuration: '', detail: /jetstream/i },
    {
      name: 'account limits',
      configuration:
        'accounts { A { users: [{ user: a, password: a }], jetstream { max_file: 1048576 } } }\nno_auth_user: a',
      detail: /the stream needs 256 MiB, the account may have 1 MiB/,
    },
    {
      name: 'stream',
      configuration:
        'authorization { users: [{ user: a, password: a, permissions: { publish: { deny: "$JS.API.STREAM.CREATE.>" } } }] }\nno_auth_user: a',
      detail: /permission/i,
    },
    {
      name: 'publish',
      configuration:
        'authorization { users: [{ user: a, password: a, permissions: { publish: { deny: "pentafold.>" } } }] }\nno_auth_user: a',
      detail: /permission/i,
    },
  ])('that fails at $name is told so, with what to do', async ({ name, configuration, detail }) => {
    const jetstream =
      name === 'JetStream enabled' ? '' : name === 'account limits' ? 'jetstream {}' : 'jetstream: enabled';
    await using nats = await startNats(`${jetstream}\n${configuration ?? ''}`);
    if (configuration === null) await nats.kill();
    const { passed, failed } = await check(nats);
    expect(failed).toMatchObject({ name, detail: expect.stringMatching(detail), remedy: expect.stringMatching(/\w/) });
    expect(passed).toEqual(ALL.slice(0, ALL.indexOf(name)));
  });
});

/** A certificate for this machine that serves both sides, and that of the authority that signed it. */
async function drawCertificates(): Promise<{ authority: string; certificate: string; key: string }> {
  const openssl = (...args: readonly string[]) => promisify(execFile)('openssl', args);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  await openssl('req', '-x509', ...key, '-subj', '/CN=test authority', '-keyout', at('ca.key'), '-out', at('ca.crt'));
  const signer = ['-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  await openssl('req', '-x509', ...key, ...signer, '-subj', '/CN=bus', '-keyout', at('bus.key'), '-out', at('bus.crt'));
  return { authority: at('ca.crt'), certificate: at('bus.crt'), key: at('bus.key') };
}
