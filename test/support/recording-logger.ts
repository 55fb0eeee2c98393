import type { Logger } from '#platform/logging/logger.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: object;
}

/** Keeps what is logged, by it and by its children, in `lines`. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[];
  readonly #fields: object;

  constructor(fields: object = {}, lines: LogLine[] = []) {
    this.#fields = fields;
    this.lines = lines;
  }

  debug(fields: object, message: string): void {
    this.#record('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#record('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#record('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#record('error', fields, message);
  }

  child(fields: object): RecordingLogger {
    return new RecordingLogger({ ...this.#fields, ...fields }, this.lines);
  }

  #record(level: LogLine['level'], fields: object, message: string): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}
