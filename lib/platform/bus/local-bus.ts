import { appendFile, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { orAbsent } from '#files/or-absent.ts';
import { systemErrorCode } from '#files/system-error-code.ts';
import type { Clock } from '../clock/clock.ts';
import type { BusMessage, MessageBus } from './message-bus.ts';
import { checkSubject, subjectMatcher } from './subject.ts';

/** Where a local bus keeps its messages, and how it looks for new ones. */
export interface LocalBusOptions {
  /** Holds one `<subject>.jsonl` per subject; made at the first publication. */
  readonly directory: string;
  readonly clock: Clock;
  /** How often a subscription looks for new messages. */
  readonly pollMs: number;
}

/** Messages that wait for a folder that cannot be written to, before the oldest are dropped. */
const MOST_WAITING = 1000;

/**
 * Messages as lines of files, for the processes of one machine.
 *
 * A message is one append, which local file systems do not mix with another. A line begins with a line break of its own,
 * so that what a killed publisher left half written spoils no message but its own.
 */
export class LocalBus implements MessageBus {
  readonly #options: LocalBusOptions;
  readonly #waiting: { readonly subject: string; readonly line: string }[] = [];
  #delivery: Promise<void> = Promise.resolve();

  constructor(options: LocalBusOptions) {
    this.#options = options;
  }

  async publish(message: BusMessage): Promise<void> {
    const { subject, id, body } = message;
    checkSubject(subject);
    this.#waiting.push({ subject, line: `\n${JSON.stringify({ id, body })}\n` });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    this.#delivery = this.#delivery.then(() => this.#deliverWaiting());
    await this.#delivery;
  }

  async *subscribe(pattern: string, signal: AbortSignal): AsyncIterable<BusMessage> {
    const matches = subjectMatcher(pattern);
    const tails = new Map<string, SubjectTail>();
    while (!signal.aborted) {
      for (const subject of (await this.#subjects()).filter(matches)) {
        const tail = tails.get(subject) ?? new SubjectTail(subject, this.#file(subject));
        tails.set(subject, tail);
        for (const message of await tail.next()) {
          if (signal.aborted) return;
          yield message;
        }
      }
      await this.#options.clock.sleep(this.#options.pollMs, signal);
    }
  }

  /** Waits for what was published. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#delivery;
  }

  /** In order; stops at the first that cannot be written and leaves it, with what follows, for the next time. */
  async #deliverWaiting(): Promise<void> {
    try {
      await mkdir(this.#options.directory, { recursive: true });
      for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
        await appendFile(this.#file(next.subject), next.line);
        this.#waiting.shift();
      }
    } catch (error) {
      // The bus is never truth and its users do not wait for it: a full disk is theirs to notice elsewhere.
      if (systemErrorCode(error) === undefined) throw error;
    }
  }

  async #subjects(): Promise<string[]> {
    try {
      const names = await readdir(this.#options.directory);
      return names.filter((name) => name.endsWith('.jsonl')).map((name) => name.slice(0, -'.jsonl'.length));
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #file(subject: string): string {
    return fileOf(this.#options.directory, subject);
  }
}

/** What a directory of a local bus keeps of one subject, oldest first; nothing where it has none. */
export async function keptMessages(directory: string, subject: string): Promise<BusMessage[]> {
  return (await orAbsent(() => new SubjectTail(subject, fileOf(directory, subject)).next())) ?? [];
}

const fileOf = (directory: string, subject: string): string => join(directory, `${subject}.jsonl`);

const lineSchema = z.object({ id: z.string(), body: z.unknown() });

const LINE_FEED = 10;

/** Reads one subject's file from where it stopped. */
class SubjectTail {
  readonly #subject: string;
  readonly #path: string;
  readonly #seen = new Set<string>();
  #offset = 0;

  constructor(subject: string, path: string) {
    this.#subject = subject;
    this.#path = path;
  }

  /** Whole lines that are new, without repetitions and without what a killed publisher left. */
  async next(): Promise<BusMessage[]> {
    const bytes = await this.#newBytes();
    const whole = bytes.subarray(0, bytes.lastIndexOf(LINE_FEED) + 1);
    this.#offset += whole.length;
    return new TextDecoder()
      .decode(whole)
      .split('\n')
      .flatMap((text) => this.#message(text));
  }

  #message(text: string): BusMessage[] {
    const parsed = lineSchema.safeParse(tryJson(text));
    if (!parsed.success || this.#seen.has(parsed.data.id)) return [];
    this.#seen.add(parsed.data.id);
    return [{ subject: this.#subject, id: parsed.data.id, body: parsed.data.body }];
  }

  async #newBytes(): Promise<Uint8Array> {
    await using file = await open(this.#path, 'r');
    const { size } = await file.stat();
    if (size <= this.#offset) return new Uint8Array();
    const { buffer, bytesRead } = await file.read(new Uint8Array(size - this.#offset), { position: this.#offset });
    return buffer.subarray(0, bytesRead);
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
