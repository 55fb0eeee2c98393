// The ensemble program: one process carries out one attempt at an `ensemble` or a `publish` step, then ends.

import { join } from 'node:path';
import { runStepProgram, type StepAdapters } from '#steps/step-program.ts';
import type { Config } from './config.ts';
import { publishStep } from './publish/publish-step.ts';
import { ensembleStep } from './select/ensemble-step.ts';

/** Carries out the step. @returns the exit code; see `EXIT_CODES`. */
export const start = (config: Config, adapters: StepAdapters): Promise<number> =>
  runStepProgram({
    ...adapters,
    step: config.step,
    attempt: config.attempt,
    handlers: { ensemble: ensembleStep, publish: publishStep(adapters.version) },
    scratch: join(config.scratch, `${config.step}-${config.attempt}`),
  });
