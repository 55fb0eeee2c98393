import type { Goal, TaskSnapshot } from '../../controller/service.ts';
import type { Programs } from '../embedded.ts';
import { carryOut } from '../run/carry-out.ts';
import { exitCodeOf, type Outcome, outcomeJson, outcomeText, warningsText } from '../run/outcome.ts';
import { datasetTask, nothingToGoOnFrom, type SpecChanges } from './dataset-task.ts';
import { pretrainedAdvice, requirePretrained } from './pretrained.ts';

/** What a command asks for of a data set. */
export interface GoalRequest {
  readonly dataset: string;
  readonly changes: SpecChanges;
  readonly goal: Goal;
  readonly home: string;
  readonly json?: boolean;
  /** Throws when what was reached is not what the command needs: that refuses it. */
  readonly requireOf?: (snapshot: TaskSnapshot) => void;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Carries a data set's Task out as far as the goal, and says how it ended; the exit code becomes the process's.
 *
 * A command that is refused leaves the home, and what it shows of the data set, as they were.
 *
 * @returns what was reached, or `null`.
 * @throws {BadInputError} for weights to start from that cannot be read. @throws {UnknownGoalError}
 */
export async function carryOutGoal(
  request: GoalRequest,
  env: Environment,
  programs?: Programs,
): Promise<Outcome | null> {
  const { dataset, changes, goal, home, json, requireOf } = request;
  const outcome = await carryOut(
    {
      home,
      goal,
      manifest: async (tasks) => {
        await requirePretrained(changes.pretrainedWeights ?? {});
        const manifest = await datasetTask(tasks, dataset, changes);
        const note = nothingToGoOnFrom(changes, manifest);
        if (note !== null) process.stderr.write(`note: ${note}\n`);
        return manifest;
      },
      requireOf,
      manifestIfRefused: (tasks) => datasetTask(tasks, dataset, {}),
      terminal: json ? process.stderr : process.stdout,
    },
    env,
    programs,
  );
  process.exitCode = exitCodeOf(outcome);
  if (outcome.snapshot.goal === 'reached') {
    process.stderr.write(warningsText(outcome.snapshot.warnings));
    return outcome;
  }
  if (json) process.stdout.write(`${JSON.stringify(outcomeJson(outcome), null, 2)}\n`);
  process.stderr.write(outcomeText(outcome) + pretrainedAdvice(outcome.snapshot.task, dataset));
  return null;
}
