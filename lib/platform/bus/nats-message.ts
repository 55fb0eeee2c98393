// How a message of the port travels through NATS: its body is the payload, as JSON, and its id the header by which the
// server knows duplicates.

import type { BusMessage } from './message-bus.ts';

/** What NATS carries of one message. */
export interface NatsEnvelope {
  readonly subject: string;
  /** For the header `Nats-Msg-Id`. */
  readonly messageId: string;
  readonly payload: Uint8Array;
}

/**
 * A message as NATS carries it.
 *
 * The server knows ids by stream, the port by subject: so the subject is part of what the server is given.
 *
 * @param prefix first part of the names of all subjects of this bus.
 */
export const toEnvelope = (prefix: string, { subject, id, body }: BusMessage): NatsEnvelope => ({
  subject: `${prefix}.${subject}`,
  messageId: `${subject}:${encodeURIComponent(id)}`,
  payload: new TextEncoder().encode(JSON.stringify(body ?? null)),
});

/** Reverses `toEnvelope`; `undefined` for what somebody else published under our names. */
export function tryMessage(prefix: string, envelope: NatsEnvelope): BusMessage | undefined {
  const subject = envelope.subject.slice(prefix.length + 1);
  if (!envelope.messageId.startsWith(`${subject}:`)) return undefined;
  try {
    return {
      subject,
      id: decodeURIComponent(envelope.messageId.slice(subject.length + 1)),
      body: JSON.parse(new TextDecoder().decode(envelope.payload)),
    };
  } catch {
    return undefined;
  }
}
