import { jetstreamManager, type StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { isStreamNotFound } from './nats-errors.ts';
import { type StreamChange, streamChange, type WantedStream } from './nats-stream.ts';

/**
 * Makes the stream what it shall be. Harmless when done twice, also at once.
 *
 * @returns what there was to do and, unless that was impossible, has been done.
 * @throws {Error} when the server refuses or does not answer.
 */
export async function makeStream(connection: NatsConnection, wanted: WantedStream): Promise<StreamChange> {
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const existing = await orNull(() => streams.info(wanted.name));
  const change = streamChange(existing?.config ?? null, wanted);
  if (change.kind === 'create') await streams.add(change.config);
  if (change.kind === 'update') await streams.update(wanted.name, change.config);
  return change;
}

async function orNull(info: () => Promise<StreamInfo>): Promise<StreamInfo | null> {
  try {
    return await info();
  } catch (error) {
    if (isStreamNotFound(error)) return null;
    throw error;
  }
}
