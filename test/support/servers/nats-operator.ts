import { nkeys } from '@nats-io/transport-node';

/** A server that knows its users by signed tokens alone, and one such user. */
export interface NatsOperator {
  /** For the server's file. */
  readonly configuration: string;
  /** The user's `.creds` file. */
  readonly creds: string;
}

type KeyPair = ReturnType<typeof nkeys.createUser>;

/** Draws the keys of an operator, an account with all of JetStream, and a user of it. */
export function drawNatsOperator(): NatsOperator {
  const [operator, account, user] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createUser()];
  const system = nkeys.createAccount();
  const all = { subs: -1, conn: -1, leaf: -1, imports: -1, exports: -1, data: -1, payload: -1, wildcards: true };
  const jetstream = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };
  const accountToken = signed(operator, account, { type: 'account', limits: { ...all, ...jetstream } });
  const userToken = signed(account, user, { type: 'user', subs: -1, data: -1, payload: -1 });
  return {
    configuration: `
      jetstream: enabled
      operator: ${signed(operator, operator, { type: 'operator' })}
      system_account: ${system.getPublicKey()}
      resolver: MEMORY
      resolver_preload: {
        ${account.getPublicKey()}: ${accountToken}
        ${system.getPublicKey()}: ${signed(operator, system, { type: 'account', limits: all })}
      }
    `,
    creds: block('NATS USER JWT', userToken) + block('USER NKEY SEED', new TextDecoder().decode(user.getSeed())),
  };
}

const block = (title: string, content: string): string =>
  `-----BEGIN ${title}-----\n${content}\n------END ${title}------\n\n`;

/** A JSON Web Token as NATS has them. */
function signed(issuer: KeyPair, subject: KeyPair, claims: object): string {
  const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  const body = {
    jti: subject.getPublicKey(),
    iat: Math.floor(Date.now() / 1000),
    iss: issuer.getPublicKey(),
    sub: subject.getPublicKey(),
    name: 'test',
    nats: { ...claims, version: 2 },
  };
  const text = `${encoded({ typ: 'JWT', alg: 'ed25519-nkey' })}.${encoded(body)}`;
  return `${text}.${Buffer.from(issuer.sign(new TextEncoder().encode(text))).toString('base64url')}`;
}
