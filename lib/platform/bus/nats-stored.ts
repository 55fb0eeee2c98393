import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsEnvelope } from './nats-message.ts';

/** How far a reader is in a stream. */
export interface Place {
  /** When the stream was made: one that was deleted and made again counts from 1 again. */
  readonly created: string;
  /** Of the last message read. */
  readonly sequence: number;
}

export const BEGINNING: Place = { created: '', sequence: 0 };

/** A message as the stream keeps it. */
export interface Stored {
  readonly envelope: NatsEnvelope;
  readonly place: Place;
}

/** Which messages to read. */
export interface Reading {
  readonly stream: string;
  /** With the stream's prefix. */
  readonly pattern: string;
  readonly from: Place;
}

/** Messages under way to a reader that does not take them. */
const MOST_AHEAD = 200;

/** Two of these without a word and the client looks whether its consumer is still there. */
const HEARTBEAT_MS = 5_000;

/**
 * Messages of a stream in their order, then live, each once. Ends when the signal aborts or the connection is lost.
 *
 * Begins behind `from`, or at the oldest message when the stream was made anew or lost what it had since.
 *
 * @throws {Error} when there is no such stream or no longer, and when the server refuses or does not answer.
 */
export async function* storedMessages(
  connection: NatsConnection,
  { stream, pattern, from }: Reading,
  signal: AbortSignal,
): AsyncIterable<Stored> {
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const { created, state } = await streams.info(stream);
  const goesOn = created === from.created && state.last_seq >= from.sequence;
  const consumer = await jetstream(connection).consumers.get(stream, {
    filter_subjects: pattern,
    opt_start_seq: goesOn ? from.sequence + 1 : 1,
  });
  const messages = await consumer.consume({
    max_messages: MOST_AHEAD,
    idle_heartbeat: HEARTBEAT_MS,
    // Else the client waits for the stream to come back and then for numbers as high as it had before.
    abort_on_missing_resource: true,
  });
  const stop = () => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) return;
    for await (const { subject, headers, data, seq } of messages) {
      const messageId = headers?.get('Nats-Msg-Id') ?? '';
      yield { envelope: { subject, messageId, payload: data }, place: { created, sequence: seq } };
      if (signal.aborted) return;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
    // Without that the server does it after five minutes.
    await consumer.delete().catch(() => false);
  }
}
