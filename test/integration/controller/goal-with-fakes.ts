// What the commands for a data set do, with fake step programs: node goal-with-fakes.ts DATASET HOME CHANGES GOAL
// CHANGES of the Task's spec and GOAL are JSON; the goal `"best"` stands for find-best-configuration, and
// `{"accumulate": CONFIGURATION, "out": FOLDER}` for accumulate, which changes nothing.

import { fileURLToPath } from 'node:url';
import { PentafoldError } from '#core/errors.ts';
import { accumulate } from '../../../services/cli/accumulate/accumulate.ts';
import { trainedConfiguration } from '../../../services/cli/accumulate/trained-configuration.ts';
import { carryOutGoal } from '../../../services/cli/dataset-task/carry-out-goal.ts';
import { findBestConfiguration } from '../../../services/cli/dataset-task/find-best-configuration.ts';

const [dataset = '', home = '', changes = '', goalText = ''] = process.argv.slice(2);
const fake = fileURLToPath(new URL('./fake-step.ts', import.meta.url));
const programs = { worker: fake, ensemble: fake };
const request = { dataset, home, changes: JSON.parse(changes), json: true };
const goal = JSON.parse(goalText);

async function reached(): Promise<object> {
  if ('accumulate' in Object(goal)) {
    const trained = await trainedConfiguration(
      { dataset, home, json: true, configuration: goal.accumulate },
      process.env,
      programs,
    );
    return trained === null ? {} : { cases: (await accumulate(trained, goal.out, false)).cases.length };
  }
  const outcome =
    goal === 'best'
      ? await findBestConfiguration(request, process.env, programs)
      : await carryOutGoal({ ...request, goal }, process.env, programs);
  return { model: outcome?.modelFolder ?? null };
}

try {
  process.stdout.write(JSON.stringify(await reached()));
} catch (error) {
  if (!(error instanceof PentafoldError)) throw error;
  process.stdout.write(JSON.stringify({ code: error.code, message: error.message }));
}
