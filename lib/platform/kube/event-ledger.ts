// What to write of the events that are recorded, so that something that happens again and again fills neither the API
// server nor the page of whoever reads. Pure, with the time given.

import { cut } from '#formats/cut-text.ts';

/** Something that happened to an object, for people who look at it. */
export interface RecordedEvent {
  readonly regarding: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly type: 'Normal' | 'Warning';
  /** PascalCase: why. */
  readonly reason: string;
  /** PascalCase: what was done. */
  readonly action: string;
  /** A sentence; cut to what the API takes. No patient data. */
  readonly note: string;
}

export interface LedgerLimits {
  /** A repetition after a longer pause is a new event. */
  readonly seriesMs: number;
  /** How often at most a series says that it went on. */
  readonly repeatEveryMs: number;
  /** So many events of an object with one reason, but different notes, are told one by one; then they are told as one. */
  readonly differentNotes: number;
  /** So many series are remembered; the one that was quiet longest is forgotten first. */
  readonly series: number;
}

export const LEDGER_LIMITS: LedgerLimits = {
  seriesMs: 6 * 60_000,
  repeatEveryMs: 60_000,
  differentNotes: 10,
  series: 4096,
};

export type Entry =
  /** The first of a series. */
  | { readonly kind: 'new'; readonly series: number; readonly event: RecordedEvent }
  /** It happened again, `count` times in all. */
  | { readonly kind: 'again'; readonly series: number; readonly count: number }
  /** Said recently. */
  | { readonly kind: 'nothing' };

interface Series {
  readonly number: number;
  count: number;
  lastMs: number;
  writtenMs: number;
}

interface Kin {
  readonly notes: Set<string>;
  lastMs: number;
}

/** Longest note that the API takes, in bytes of UTF-8. */
const LONGEST_NOTE = 1024;

/** Remembers the series of events of the last minutes. */
export class EventLedger {
  readonly #limits: LedgerLimits;
  // A Map keeps the order of insertion: the first is the one that was quiet longest.
  readonly #series = new Map<string, Series>();
  readonly #kin = new Map<string, Kin>();
  #count = 0;

  constructor(limits: LedgerLimits = LEDGER_LIMITS) {
    this.#limits = limits;
  }

  /** @param nowMs never less than in the call before. */
  record(event: RecordedEvent, nowMs: number): Entry {
    const told = this.#combined({ ...event, note: cut(event.note, LONGEST_NOTE) }, nowMs);
    const key = JSON.stringify([kinKey(told), told.note]);
    const series = this.#series.get(key);
    this.#series.delete(key);
    if (series === undefined || nowMs - series.lastMs > this.#limits.seriesMs) {
      const number = this.#count++;
      this.#remember(this.#series, key, { number, count: 1, lastMs: nowMs, writtenMs: nowMs });
      return { kind: 'new', series: number, event: told };
    }
    series.count += 1;
    series.lastMs = nowMs;
    this.#series.set(key, series);
    if (nowMs - series.writtenMs < this.#limits.repeatEveryMs) return { kind: 'nothing' };
    series.writtenMs = nowMs;
    return { kind: 'again', series: series.number, count: series.count };
  }

  /** The event, or the one that stands for all of its kin once they are many. */
  #combined(event: RecordedEvent, nowMs: number): RecordedEvent {
    const key = kinKey(event);
    const known = this.#kin.get(key);
    this.#kin.delete(key);
    const kin = known === undefined || nowMs - known.lastMs > this.#limits.seriesMs ? newKin() : known;
    kin.lastMs = nowMs;
    this.#remember(this.#kin, key, kin);
    if (kin.notes.has(event.note)) return event;
    if (kin.notes.size < this.#limits.differentNotes) {
      kin.notes.add(event.note);
      return event;
    }
    return { ...event, note: 'Many events of this kind; the log has them all.' };
  }

  #remember<T>(map: Map<string, T>, key: string, value: T): void {
    map.set(key, value);
    const [oldest] = map.keys();
    if (map.size > this.#limits.series && oldest !== undefined) map.delete(oldest);
  }
}

const newKin = (): Kin => ({ notes: new Set(), lastMs: 0 });

const kinKey = ({ regarding, type, reason, action }: RecordedEvent): string =>
  JSON.stringify([regarding.uid, type, reason, action]);
