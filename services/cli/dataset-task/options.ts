// Options that several commands share, as commander knows them and as the spec of a Task wants them.

import { type Command, InvalidArgumentError, Option } from 'commander';
import { PLANNERS } from '#core/planning/planners.ts';
import { DEFAULT_HOME } from '../home.ts';
import type { SpecChanges } from './dataset-task.ts';

export interface HomeOptions {
  readonly home: string;
  readonly json?: boolean;
}

export const withHome = (command: Command): Command =>
  command
    .option('--home <dir>', 'home folder, where everything is kept', DEFAULT_HOME)
    .option('--json', 'print the outcome as JSON; progress goes to standard error');

export interface PlannerOptions {
  readonly planner?: string;
  readonly gpuMemoryTarget?: string;
}

export const withPlanner = (command: Command): Command =>
  command
    .addOption(new Option('--planner <name>', 'experiment planner (default: default)').choices(Object.keys(PLANNERS)))
    .option(
      '--gpu-memory-target <size>',
      "memory that a training may take, such as 24Gi (default: the planner's)",
      gibibytes,
    );

/** The planner's part of the spec, as far as it was asked for. */
export const plannerChanges = ({ planner, gpuMemoryTarget }: PlannerOptions): SpecChanges => ({
  planner: {
    ...(planner === undefined ? {} : { name: planner }),
    ...(gpuMemoryTarget === undefined ? {} : { gpuMemoryTarget }),
  },
});

function gibibytes(text: string): string {
  if (!/^[1-9]\d{0,4}Gi$/.test(text)) throw new InvalidArgumentError('expected whole gibibytes such as 24Gi.');
  return text;
}

/** @throws {InvalidArgumentError} for anything but `all` or a number of at most two digits. */
export function foldName(text: string): number | 'all' {
  if (text === 'all') return text;
  if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('expected a fold such as 0, or all.');
  return Number(text);
}

/** Of an empty path would become the folder that the command was started in. @throws {InvalidArgumentError} */
export function namedPath(text: string): string {
  if (text === '') throw new InvalidArgumentError('expected a path.');
  return text;
}

/** Reads an option's whole number; both ends are allowed. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d{1,10}$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`expected a whole number of ${least} to ${most}.`);
    return value;
  };
