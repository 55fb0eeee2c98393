import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The only node that may join: its name is part of the user that its kubelet is. */
export const NODE_NAME = 'node-1';

/**
 * Who may ask the API server: from the start it knows these names, and what each may do.
 *
 * They show tokens, not certificates: so there is nothing to sign, and a test has what it needs in one line.
 */
const users = {
  administrator: { name: 'administrator', groups: 'system:masters' },
  controllerManager: { name: 'system:kube-controller-manager', groups: '' },
  scheduler: { name: 'system:kube-scheduler', groups: '' },
  kubelet: { name: `system:node:${NODE_NAME}`, groups: 'system:nodes' },
} as const;

type UserKey = keyof typeof users;
type PerUser = Readonly<Record<UserKey, string>>;

const userKeys: readonly UserKey[] = ['administrator', 'controllerManager', 'scheduler', 'kubelet'];

export interface Credentials {
  /** Bearer token of each. */
  readonly tokens: PerUser;
  /** Path of a kubeconfig of each. */
  readonly kubeconfigs: PerUser;
  /** Lines of `token,user,uid,"groups"`, for the API server. */
  readonly tokenFile: string;
  /** PEM of the RSA key that signs the tokens of service accounts, and of its public half. */
  readonly serviceAccountKey: string;
  readonly serviceAccountPublicKey: string;
}

/**
 * Draws the secrets of a new control plane and writes them down for its programs.
 *
 * @param url where the API server will be.
 * @param certificateFile what its certificate will be checked with.
 */
export async function writeCredentials(folder: string, url: string, certificateFile: string): Promise<Credentials> {
  const tokens = perUser(() => randomBytes(16).toString('hex'));
  const kubeconfigs = perUser((user) => join(folder, `${user}.kubeconfig`));
  for (const user of userKeys) await writeFile(kubeconfigs[user], kubeconfig(url, certificateFile, tokens[user]));
  const tokenFile = join(folder, 'tokens.csv');
  const tokenLine = (user: UserKey) => `${tokens[user]},${users[user].name},${user},"${users[user].groups}"\n`;
  await writeFile(tokenFile, userKeys.map(tokenLine).join(''));
  return { tokens, kubeconfigs, tokenFile, ...(await writeServiceAccountKeys(folder)) };
}

const perUser = (value: (user: UserKey) => string): PerUser => ({
  administrator: value('administrator'),
  controllerManager: value('controllerManager'),
  scheduler: value('scheduler'),
  kubelet: value('kubelet'),
});

/** JSON, which is YAML too. */
function kubeconfig(server: string, certificateFile: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': certificateFile } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}

async function writeServiceAccountKeys(
  folder: string,
): Promise<Pick<Credentials, 'serviceAccountKey' | 'serviceAccountPublicKey'>> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const [serviceAccountKey, serviceAccountPublicKey] = [join(folder, 'accounts.key'), join(folder, 'accounts.pub')];
  await writeFile(serviceAccountKey, privateKey);
  await writeFile(serviceAccountPublicKey, publicKey);
  return { serviceAccountKey, serviceAccountPublicKey };
}
