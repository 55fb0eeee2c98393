import { readFile } from 'node:fs/promises';
import { connect, credsAuthenticator, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import type { NatsConfig, NatsCredentials, NatsTls } from './nats-config.ts';

/** Whom to connect to, and how. */
export interface NatsAccess extends Pick<NatsConfig, 'credentials' | 'tls'> {
  /** `host:port` each. */
  readonly servers: readonly string[];
  /** Whether the servers must speak TLS. */
  readonly requiresTls: boolean;
}

const CONNECT_TIMEOUT_MS = 5_000;

/** A server that vanished without a word is noticed after two of these. */
const PING_INTERVAL_MS = 10_000;

/**
 * Opens a connection to the first of the servers that answers. Once lost it stays closed: whoever needs another one opens
 * it, with the credentials as they are then.
 *
 * @throws {Error} when no server can be reached, none believes the credentials, or a file cannot be read.
 */
export async function connectNats(access: NatsAccess): Promise<NatsConnection> {
  return await connect({
    name: 'pentafold',
    servers: [...access.servers],
    reconnect: false,
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: 2,
    ...(await identity(access.credentials)),
    ...(await certificates(access)),
  });
}

type Identity = Pick<NodeConnectionOptions, 'authenticator' | 'token' | 'user' | 'pass'>;

async function identity(credentials: NatsCredentials): Promise<Identity> {
  switch (credentials.kind) {
    case 'none':
      return {};
    case 'creds':
      return { authenticator: credsAuthenticator(await readFile(credentials.file)) };
    case 'token':
      return { token: await secret(credentials.file) };
    case 'user':
      return { user: await secret(credentials.userFile), pass: await secret(credentials.passwordFile) };
  }
}

/** Editors and `echo` end a file with a line break that is not part of the secret. */
const secret = async (file: string): Promise<string> => (await readFile(file, 'utf8')).replace(/\r?\n$/, '');

async function certificates({ tls, requiresTls }: NatsAccess): Promise<Pick<NodeConnectionOptions, 'tls'>> {
  if (!requiresTls && !namesFiles(tls)) return {};
  return {
    tls: {
      ...(tls.authorityFile === null ? {} : { ca: await readFile(tls.authorityFile, 'utf8') }),
      ...(tls.own === null
        ? {}
        : { cert: await readFile(tls.own.certificateFile, 'utf8'), key: await readFile(tls.own.keyFile, 'utf8') }),
    },
  };
}

const namesFiles = ({ authorityFile, own }: NatsTls): boolean => authorityFile !== null || own !== null;
