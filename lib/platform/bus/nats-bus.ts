import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { BusMessage, MessageBus } from './message-bus.ts';
import type { NatsConfig } from './nats-config.ts';
import { connectNats, type NatsAccess } from './nats-connection.ts';
import { isStreamNotFound, isTooLarge, isWithoutResponder } from './nats-errors.ts';
import { makeStream } from './nats-make-stream.ts';
import { type NatsEnvelope, toEnvelope, tryMessage } from './nats-message.ts';
import { BEGINNING, storedMessages } from './nats-stored.ts';
import { wantedStream } from './nats-stream.ts';
import { Outbox, type Waiting } from './outbox.ts';
import { checkSubject, subjectMatcher } from './subject.ts';

export interface NatsBusOptions {
  readonly access: NatsAccess;
  /** The stream that carries all messages of this bus. */
  readonly stream: Pick<NatsConfig, 'stream' | 'limits'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Messages that wait for a server, before the oldest are dropped. */
const MOST_WAITING = 1000;

/** Between attempts to reach a server. */
const RETRY_MS = 1_000;

const ACKNOWLEDGE_MS = 5_000;

/** Longer than an acknowledgement takes; what a publisher may be held up by a server that has just stopped answering. */
const PATIENCE_MS = 1_000;

/** How long closing waits for messages to be sent, and again for the connection to end. */
const CLOSE_MS = 3_000;

/** Whether messages get through, as far as is known. */
type Reach = 'unknown' | 'up' | 'away';

/**
 * Messages in a stream of NATS JetStream, for the processes of a cluster.
 *
 * Connects when first used, not before. There is one answer to every trouble with a connection: leave it, make another,
 * and go on from what is known, which for a publisher is its oldest message that was not acknowledged and for a
 * subscriber the place in the stream that it has read. A message that was stored but whose acknowledgement was lost is
 * sent again with the same id, by which the server drops it; where its memory is too short, the subscriber does.
 */
export class NatsBus implements MessageBus {
  readonly #options: NatsBusOptions;
  readonly #closing = new AbortController();
  readonly #outbox = new Outbox<NatsEnvelope>(MOST_WAITING);
  #delivery: Promise<void> = Promise.resolve();
  #isDelivering = false;
  #connection: Promise<NatsConnection> | null = null;
  #reach: Reach = 'unknown';
  #droppedBefore = 0;

  constructor(options: NatsBusOptions) {
    this.#options = options;
  }

  /** Resolves when the server has the message, or as soon as there is none to be reached. */
  async publish(message: BusMessage): Promise<void> {
    checkSubject(message.subject);
    const { released } = this.#keep(toEnvelope(this.#prefix, message));
    if (!this.#isDelivering) this.#delivery = this.#deliverWaiting();
    if (this.#reach !== 'away') await this.#waitFor(released, PATIENCE_MS);
  }

  async *subscribe(pattern: string, signal: AbortSignal): AsyncIterable<BusMessage> {
    subjectMatcher(pattern); // refuses what is none
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    const seen = new Set<string>();
    let from = BEGINNING;
    let isInterrupted = false;
    while (!ended.aborted) {
      try {
        const reading = { stream: this.#prefix, pattern: `${this.#prefix}.${pattern}`, from };
        for await (const { envelope, place } of storedMessages(await this.#connected(), reading, ended)) {
          from = place;
          isInterrupted = false;
          const message = tryMessage(this.#prefix, envelope);
          if (message === undefined || seen.has(envelope.messageId)) continue;
          seen.add(envelope.messageId);
          yield message;
        }
      } catch (err) {
        if (!isInterrupted && !ended.aborted) this.#options.log.warn({ err, pattern }, 'subscription interrupted');
        isInterrupted = true;
        await this.#makeMissingStream(err);
      }
      await this.#options.clock.sleep(RETRY_MS, ended);
    }
  }

  /** Waits for what was published, though not for long, and ends all subscriptions. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#waitFor(this.#delivery, CLOSE_MS);
    this.#closing.abort();
    const { size } = this.#outbox;
    if (size > 0) this.#options.log.warn({ messages: size }, 'messages not sent before the bus was closed');
    await this.#waitFor(this.#close(), CLOSE_MS);
  }

  get #prefix(): string {
    return this.#options.stream.stream;
  }

  #keep(envelope: NatsEnvelope): Waiting<NatsEnvelope> {
    const isFirstDrop = this.#outbox.dropped === this.#droppedBefore;
    const kept = this.#outbox.add(envelope);
    // How many they are is told when the bus is back.
    if (isFirstDrop && this.#outbox.dropped > this.#droppedBefore) {
      this.#options.log.warn({ waiting: this.#outbox.size }, 'oldest messages dropped');
    }
    return kept;
  }

  /** In order, each until it is acknowledged: one that overtook another could not be brought back. */
  async #deliverWaiting(): Promise<void> {
    this.#isDelivering = true;
    for (let next = this.#outbox.first; next !== undefined; next = this.#outbox.first) {
      try {
        await this.#send(next.content);
        this.#outbox.remove(next);
        this.#reached();
      } catch (error) {
        if (isTooLarge(error)) {
          this.#options.log.error({ err: error, subject: next.content.subject }, 'message refused by the bus');
          this.#outbox.remove(next);
        } else {
          this.#away(error);
          await this.#makeMissingStream(error);
          await this.#options.clock.sleep(RETRY_MS, this.#closing.signal);
        }
      }
      if (this.#closing.signal.aborted) break;
    }
    this.#isDelivering = false;
  }

  async #send({ subject, messageId, payload }: NatsEnvelope): Promise<void> {
    const connection = await this.#connected();
    await jetstream(connection).publish(subject, payload, {
      msgID: messageId,
      timeout: ACKNOWLEDGE_MS,
      expect: { streamName: this.#prefix },
    });
  }

  /** The connection that all share, made when there is none. */
  #connected(): Promise<NatsConnection> {
    this.#closing.signal.throwIfAborted();
    if (this.#connection === null) {
      const attempt = this.#connect();
      const forget = () => {
        if (this.#connection === attempt) this.#connection = null;
      };
      attempt.then((connection) => connection.closed()).then(forget, forget);
      this.#connection = attempt;
    }
    return this.#connection;
  }

  async #connect(): Promise<NatsConnection> {
    const connection = await connectNats(this.#options.access);
    await this.#makeStream(connection);
    return connection;
  }

  /** Where we may not look after the stream, or may not have it as we want it, somebody else does. */
  async #makeStream(connection: NatsConnection): Promise<void> {
    const { log, stream } = this.#options;
    try {
      const change = await makeStream(connection, wantedStream(stream));
      if (change.kind === 'impossible') log.warn({ reason: change.reason }, 'stream of the bus is not as configured');
      else if (change.kind !== 'none')
        log.info({ stream: stream.stream, change: change.kind }, 'stream of the bus made');
    } catch (err) {
      log.debug({ err }, 'stream of the bus not looked after');
    }
  }

  /** Somebody deleted it. */
  async #makeMissingStream(error: unknown): Promise<void> {
    if (!isStreamNotFound(error) && !isWithoutResponder(error)) return;
    const connection = await this.#connection?.catch(() => null);
    if (connection) await this.#makeStream(connection);
  }

  #away(err: unknown): void {
    if (this.#reach === 'away') return;
    this.#options.log.warn({ err }, 'message bus away');
    this.#reach = 'away';
    this.#outbox.release();
  }

  #reached(): void {
    if (this.#reach === 'away') {
      const dropped = this.#outbox.dropped - this.#droppedBefore;
      this.#options.log.info({ dropped, waiting: this.#outbox.size }, 'message bus back');
      this.#droppedBefore = this.#outbox.dropped;
    }
    this.#reach = 'up';
  }

  async #close(): Promise<void> {
    const connection = await this.#connection?.catch(() => null);
    // Subscriptions that have just ended say so to the server.
    await connection?.flush().catch(() => {});
    await connection?.close();
  }

  /** For at most so long; leaves no timer behind. */
  async #waitFor(event: Promise<void>, mostMs: number): Promise<void> {
    const happened = new AbortController();
    const patience = this.#options.clock.sleep(mostMs, happened.signal);
    await Promise.race([event, patience]);
    happened.abort();
  }
}
