import type { BusMessage, MessageBus } from '#platform/bus/message-bus.ts';
import { checkSubject, subjectMatcher } from '#platform/bus/subject.ts';

/** Messages in memory. Passes the bus's conformance suite. */
export class MemoryBus implements MessageBus {
  readonly messages: BusMessage[] = [];
  readonly #news = new EventTarget();

  async publish(message: BusMessage): Promise<void> {
    checkSubject(message.subject);
    const repeated = this.messages.some(({ subject, id }) => subject === message.subject && id === message.id);
    if (!repeated) this.messages.push(structuredClone(message));
    this.#news.dispatchEvent(new Event('message'));
  }

  async *subscribe(pattern: string, signal: AbortSignal): AsyncIterable<BusMessage> {
    const matches = subjectMatcher(pattern);
    for (let next = 0; !signal.aborted; ) {
      const message = this.messages[next];
      if (message === undefined) await this.#nextMessage(signal);
      else next++;
      if (message !== undefined && matches(message.subject)) yield message;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #nextMessage(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const once = { once: true };
      this.#news.addEventListener('message', () => resolve(), once);
      signal.addEventListener('abort', () => resolve(), once);
    });
  }
}
