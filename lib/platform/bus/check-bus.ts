// What a bus on NATS must allow, tried out one by one on the real servers: what `pentafold doctor` says of it.

import { randomUUID } from 'node:crypto';
import { type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsConfig } from './nats-config.ts';
import { connectNats, type NatsAccess } from './nats-connection.ts';
import { makeStream } from './nats-make-stream.ts';
import { toEnvelope } from './nats-message.ts';
import { type WantedStream, wantedStream } from './nats-stream.ts';

/** What one check found. */
export interface BusFinding {
  readonly name: string;
  readonly ok: boolean;
  /** What is there, or what is wrong. */
  readonly detail: string;
  /** What to do; `null` where nothing is to be done. */
  readonly remedy: string | null;
}

interface BusCheck {
  readonly name: string;
  /** @returns what is there. @throws {Error} saying what is wrong. */
  readonly look: (bus: CheckedBus) => Promise<string>;
  readonly remedy: string;
}

interface CheckedBus {
  readonly connection: NatsConnection;
  readonly manager: JetStreamManager;
  readonly wanted: WantedStream;
}

const REACHABLE = {
  name: 'bus reachable',
  remedy: 'check BUS, and the files that NATS_CREDS_FILE, NATS_TOKEN_FILE, NATS_USER_FILE and NATS_CA_FILE name',
};

/** In this order: each needs those before it. */
const checks: readonly BusCheck[] = [
  {
    name: 'JetStream enabled',
    remedy: 'start the servers with JetStream, and enable it for the account',
    async look({ manager }) {
      const { streams, limits } = await manager.getAccountInfo();
      return `${streams} of ${limited(limits.max_streams, String)} streams`;
    },
  },
  {
    name: 'account limits',
    remedy: 'raise the storage of the account, or lower NATS_MAX_MEBIBYTES or NATS_REPLICAS',
    look: accountLimits,
  },
  {
    name: 'stream',
    remedy: 'allow the user to make and change the stream, or make it as NATS_STREAM and the limits say',
    async look({ connection, wanted }) {
      const change = await makeStream(connection, wanted);
      if (change.kind === 'impossible') throw new Error(change.reason);
      return `${wanted.name} ${{ none: 'is as configured', create: 'made', update: 'changed as configured' }[change.kind]}`;
    },
  },
  {
    name: 'publish',
    remedy: 'allow the user to publish below the name of the stream, and look whether its servers have a leader',
    look: publishTwice,
  },
];

/**
 * Tries a bus on NATS. Leaves the stream as any program of Pentafold would, and nothing in it.
 *
 * @returns what each check found, up to the first that fails.
 */
export async function checkBus(
  access: NatsAccess,
  stream: Pick<NatsConfig, 'stream' | 'limits'>,
): Promise<BusFinding[]> {
  let connection: NatsConnection;
  try {
    connection = await connectNats(access);
  } catch (error) {
    return [failed(REACHABLE, error)];
  }
  try {
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const found: BusFinding[] = [passed(REACHABLE, `NATS ${connection.info?.version} at ${connection.getServer()}`)];
    for (const check of checks) {
      found.push(await examined(check, { connection, manager, wanted: wantedStream(stream) }));
      if (found.at(-1)?.ok === false) break;
    }
    return found;
  } finally {
    await connection.close();
  }
}

async function examined(check: BusCheck, bus: CheckedBus): Promise<BusFinding> {
  try {
    return passed(check, await check.look(bus));
  } catch (error) {
    return failed(check, error);
  }
}

const passed = ({ name }: { readonly name: string }, detail: string): BusFinding => ({
  name,
  ok: true,
  detail,
  remedy: null,
});

const failed = ({ name, remedy }: { readonly name: string; readonly remedy: string }, error: unknown): BusFinding => ({
  name,
  ok: false,
  detail: error instanceof Error ? error.message : String(error),
  remedy,
});

const MEBIBYTE = 2 ** 20;

const mebibytes = (bytes: number): string => `${Math.floor(bytes / MEBIBYTE)} MiB`;

/** NATS says -1 for no limit. */
const limited = (limit: number, say: (limit: number) => string): string => (limit < 0 ? 'unlimited' : say(limit));

/** A stream reserves the whole of its room on each server that holds it. */
async function accountLimits({ manager, wanted }: CheckedBus): Promise<string> {
  const account = await manager.getAccountInfo();
  const { num_replicas: replicas, max_bytes: bytes } = wanted.settings;
  const { limits, storage, reserved_storage: reserved } = account.tiers?.[`R${replicas}`] ?? account;
  const { max_storage: most } = limits;
  const needed = bytes * replicas;
  if (most >= 0 && most < needed) {
    throw new Error(`the stream needs ${mebibytes(needed)}, the account may have ${mebibytes(most)}`);
  }
  return `${mebibytes(storage)} of ${limited(most, mebibytes)} used, ${mebibytes(reserved)} reserved`;
}

/** The same message twice: the server must take the first and know the second. */
async function publishTwice({ connection, manager, wanted }: CheckedBus): Promise<string> {
  const message = { subject: `check.${randomUUID()}`, id: '1', body: null };
  const { subject, messageId, payload } = toEnvelope(wanted.name, message);
  const publish = () =>
    jetstream(connection).publish(subject, payload, { msgID: messageId, expect: { streamName: wanted.name } });
  const first = await publish();
  const second = await publish();
  // Not everybody who may publish may remove; it is one small message that grows old.
  await manager.streams.purge(wanted.name, { filter: subject }).catch(() => null);
  if (first.duplicate || !second.duplicate) {
    throw new Error(`a message that was sent twice was stored twice, as ${first.seq} and ${second.seq}`);
  }
  return 'acknowledged; a repetition is recognised';
}
