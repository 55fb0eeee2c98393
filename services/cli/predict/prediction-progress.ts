// What a person reads while a folder is predicted. Knows no clock and no terminal; both are given.

import { counted } from '#core/counted.ts';
import type { Inference } from '#prediction/inference-json.ts';
import { inWords } from '../display/stopwatch.ts';
import type { CaseOutcome, PredictionListener } from './predict-folder.ts';

/** What is about to be done. */
export interface PredictionPlan {
  readonly cases: number;
  readonly model: string;
  /** `null` for a model's folder that belongs to no home. */
  readonly version: number | null;
  readonly inference: Pick<Inference, 'members' | 'voting' | 'folds' | 'mirroring'>;
  readonly engine: string;
  readonly threads: number;
}

/** The first line: what is done with what. */
export function planText({ cases, model, version, inference, engine, threads }: PredictionPlan): string {
  const { members, voting, folds, mirroring } = inference;
  const named = version === null ? model : `${model} version ${version}`;
  const voters = members.length > 1 ? `${members.join(' + ')} (${voting} voting)` : members.join();
  return (
    `Predicting ${counted(cases, 'case')} with model ${named}: ${voters}, ` +
    `${folds.length === 1 ? 'fold' : 'folds'} ${folds.join(' ')}${mirroring ? '' : ', no mirroring'}; ` +
    `engine ${engine}, ${counted(threads, 'thread')}`
  );
}

/** Where lines go. */
export interface Lines {
  say(line: string): void;
  /** Notes and errors. */
  warn(line: string): void;
}

/** How long nothing may be said about a case that is being predicted. */
const QUIET_MS = 10_000;

/** Writes a line per case as it ends, with the time left, and one now and then for a case that takes long. */
export class PredictionProgress implements PredictionListener {
  readonly #cases: number;
  readonly #lines: Lines;
  readonly #now: () => number;
  readonly #start: number;
  readonly #outcomes: CaseOutcome[] = [];
  #predicted = 0;
  #kept = 0;
  #begun = 0;
  /** That the cases which were begun took until they ended. */
  #spentMs = 0;
  #current: { readonly caseId: string; readonly since: number; said: number; networks: string } | null = null;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(cases: number, lines: Lines, now: () => number) {
    this.#cases = cases;
    this.#lines = lines;
    this.#now = now;
    this.#start = now();
  }

  /** How the cases ended that have. */
  get outcomes(): readonly CaseOutcome[] {
    return this.#outcomes;
  }

  note(message: string): void {
    this.#lines.warn(`note: ${message}`);
  }

  began(caseId: string): void {
    this.#begun++;
    this.#current = { caseId, since: this.#now(), said: this.#now(), networks: '' };
  }

  networkDone(done: number, networks: number): void {
    if (this.#current !== null) this.#current.networks = `, ${done} of ${counted(networks, 'network')}`;
  }

  /** To be called often: says something about a case that takes long. */
  tick(): void {
    const current = this.#current;
    if (current === null || this.#now() - current.said < QUIET_MS) return;
    current.said = this.#now();
    const place = `${this.#outcomes.length + 1}/${this.#cases}`;
    this.#lines.say(`${place} ${current.caseId}: ${inWords(this.#now() - current.since)} so far${current.networks}`);
  }

  ended(outcome: CaseOutcome): void {
    this.#outcomes.push(outcome);
    const place = `${this.#outcomes.length}/${this.#cases}`;
    if (this.#current !== null) this.#spentMs += this.#now() - this.#current.since;
    this.#current = null;
    if (outcome.kind === 'failed') {
      this.#lines.warn(`error: case ${outcome.caseId}: ${outcome.message}`);
      return;
    }
    if (outcome.kind === 'kept') {
      this.#kept++;
      return;
    }
    this.#predicted++;
    this.#lines.say(`${place} ${outcome.caseId}: done in ${outcome.seconds.toFixed(1)} s${this.#left()}`);
  }

  /** The last line: what came of it, and where it lies. */
  close(output: string): void {
    const failed = this.#outcomes.length - this.#predicted - this.#kept;
    const took = inWords(this.#now() - this.#start);
    const kept = this.#kept === 0 ? '' : `; ${counted(this.#kept, 'case')} left as they were`;
    const failures = failed === 0 ? '' : `; ${counted(failed, 'case')} failed, named above`;
    this.#lines.say(`${counted(this.#predicted, 'case')} predicted in ${took}: ${output}${kept}${failures}`);
  }

  #left(): string {
    const cases = this.#cases - this.#outcomes.length;
    return cases === 0 ? '' : `, about ${inWords((this.#spentMs / this.#begun) * cases)} left`;
  }
}
