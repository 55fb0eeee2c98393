// The port to live messages. Never truth: what must not be lost is in the object store. Adapters: `local-bus.ts` (a
// directory of line files, so that child processes share it) and `nats-bus.ts` (a stream on servers of NATS).

/** One message on the bus. */
export interface BusMessage {
  readonly subject: string;
  /** A publisher's own id: a second message of the same subject and id is dropped. */
  readonly id: string;
  readonly body: unknown;
}

/** Messages from whoever works to whoever watches. */
export interface MessageBus extends AsyncDisposable {
  /** Never rejects because the bus is away: messages are kept up to a bound, then the oldest are dropped. */
  publish(message: BusMessage): Promise<void>;
  /**
   * Messages from the oldest kept on, then live, until the signal aborts.
   * @param pattern dot-separated; `*` stands for one token, a last `>` for one or more.
   */
  subscribe(pattern: string, signal: AbortSignal): AsyncIterable<BusMessage>;
}
