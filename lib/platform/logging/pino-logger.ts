import { destination, pino } from 'pino';
import type { Logger } from './logger.ts';

/** What is logged, and to where. */
export interface PinoLoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** File to append to, made with its folders; `null`: standard error. */
  readonly file: string | null;
}

/**
 * A logger that writes one JSON object a line.
 *
 * Writes at once rather than from a buffer: the last lines before a crash are the ones that matter, and a step logs a few
 * lines a minute.
 */
export function pinoLogger({ level, file }: PinoLoggerOptions): Logger {
  const where = file === null ? { dest: 2, sync: true } : { dest: file, sync: true, mkdir: true };
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination(where));
}
