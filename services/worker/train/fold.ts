import { type LabelScheme, labelScheme } from '#core/dataset/labels.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import { networkOf } from '#core/network/network-of.ts';
import type { ConfigurationPlan, Plans } from '#core/planning/plans.ts';
import { arraysOf } from '#core/planning/stages.ts';
import { parsePlans } from '#formats/plans-json.ts';
import { parseSplits } from '#formats/splits-json.ts';
import { type Cases, readCases, type SourceCase } from '#steps/cases.ts';
import { type TrainOptions, trainOptionsSchema } from '#steps/options.ts';
import type { StepContext } from '#steps/step-context.ts';
import { preprocessKey } from '#steps/step-names.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';
import { configurationOf } from '../configuration-of.ts';
import { PreviousStage } from './previous-stage.ts';

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
  /** Outputs of the preprocess step whose arrays the configuration trains on. */
  readonly preprocessed: StepOutputs;
  /** `null` but for a cascade: its labels are further channels of the input. */
  readonly previousStage: PreviousStage | null;
}

/** @throws {RangeError} when the inputs have no such configuration, fold or case. */
export async function readFold(context: Pick<StepContext, 'description' | 'inputs'>): Promise<Fold> {
  const options = trainOptionsSchema.parse(context.description.identity.options);
  const [ingested, planned] = await Promise.all([context.inputs('ingest'), context.inputs('plan')]);
  const cases = await readCases(ingested);
  const plans = parsePlans(await planned.readText('plans.json'));
  const splits = parseSplits(await planned.readText('splits_final.json'));
  const split = splits[options.fold === 'all' ? 0 : options.fold];
  if (split === undefined) throw new RangeError(`splits_final.json has no fold ${options.fold}`);
  const configuration = configurationOf(plans, options.configuration);
  const { dataset } = cases;
  const { previousStage } = configuration;
  return {
    options,
    plans,
    configuration,
    dataset,
    graph: networkOf(configuration, dataset),
    labels: labelScheme(dataset),
    training: split.training,
    validation: split.validation.map((caseId) => sourceCase(cases, caseId)),
    preprocessed: await context.inputs(preprocessKey(arraysOf(configuration, plans.configurations))),
    previousStage: previousStage === null ? null : await PreviousStage.open(context, previousStage, configuration.name),
  };
}

function sourceCase(cases: Cases, caseId: string): SourceCase {
  const found = cases.training.find((one) => one.caseId === caseId);
  if (found === undefined) throw new RangeError(`splits_final.json names ${caseId}, which is no training case`);
  return found;
}
