import { type LabelScheme, labelScheme } from '#core/dataset/labels.ts';
import { buildNetwork } from '#core/network/build-network.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { ConfigurationPlan, Plans } from '#core/planning/plans.ts';
import { parsePlans } from '#formats/plans-json.ts';
import { parseSplits } from '#formats/splits-json.ts';
import { type Cases, readCases, type SourceCase } from '#steps/cases.ts';
import { type TrainOptions, trainOptionsSchema } from '#steps/options.ts';
import type { StepContext } from '#steps/step-context.ts';
import { preprocessKey } from '#steps/step-names.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';
import { configurationOf } from '../configuration-of.ts';

/** Everything that decides a fold's training, read from the step's inputs. */
export interface Fold {
  readonly options: TrainOptions;
  readonly plans: Plans;
  readonly configuration: ConfigurationPlan;
  readonly dataset: Cases['dataset'];
  readonly graph: NetworkGraph;
  readonly labels: LabelScheme;
  /** Case ids, ascending. */
  readonly training: readonly string[];
  /** With the raw files that their predictions are scored on; by ascending case id. */
  readonly validation: readonly SourceCase[];
  /** Outputs of the configuration's preprocess step. */
  readonly preprocessed: StepOutputs;
}

/** @throws {RangeError} when the inputs have no such configuration, fold or case. */
export async function readFold(context: Pick<StepContext, 'description' | 'inputs'>): Promise<Fold> {
  const options = trainOptionsSchema.parse(context.description.identity.options);
  const [ingested, planned, preprocessed] = await Promise.all([
    context.inputs('ingest'),
    context.inputs('plan'),
    context.inputs(preprocessKey(options.configuration)),
  ]);
  const cases = await readCases(ingested);
  const plans = parsePlans(await planned.readText('plans.json'));
  const splits = parseSplits(await planned.readText('splits_final.json'));
  const split = splits[options.fold === 'all' ? 0 : options.fold];
  if (split === undefined) throw new RangeError(`splits_final.json has no fold ${options.fold}`);
  const configuration = configurationOf(plans, options.configuration);
  const { dataset } = cases;
  const labels = labelScheme(dataset);
  return {
    options,
    plans,
    configuration,
    dataset,
    graph: buildNetwork(configuration.architecture, dataset.channelNames.length, labels.heads),
    labels,
    training: split.training,
    validation: split.validation.map((caseId) => sourceCase(cases, caseId)),
    preprocessed,
  };
}

function sourceCase(cases: Cases, caseId: string): SourceCase {
  const found = cases.training.find((one) => one.caseId === caseId);
  if (found === undefined) throw new RangeError(`splits_final.json names ${caseId}, which is no training case`);
  return found;
}
