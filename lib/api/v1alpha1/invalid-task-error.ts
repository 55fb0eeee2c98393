import { BadInputError } from '#core/errors.ts';

/** One thing that is wrong with a Task. */
export interface TaskProblem {
  /** `spec.training.epochs`, or `spec.configurations[1]`; empty for the file as a whole. */
  readonly path: string;
  /** Where in the file, from 1. */
  readonly line: number;
  /** What was expected and what came. */
  readonly message: string;
}

/** Thrown for a Task file that cannot be meant as it is written; holds everything that is wrong with it. */
export class InvalidTaskError extends BadInputError {
  readonly code = 'INVALID_TASK';
  readonly problems: readonly TaskProblem[];

  constructor(problems: readonly TaskProblem[], options?: ErrorOptions) {
    super(`the Task is not valid:\n${problems.map(inOneLine).join('\n')}`, options);
    this.problems = problems;
  }
}

const inOneLine = ({ path, line, message }: TaskProblem): string =>
  path === '' ? `  line ${line}: ${message}` : `  ${path} (line ${line}): ${message}`;
