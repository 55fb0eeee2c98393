import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { BadInputError } from '#core/errors.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import { networkOf } from '#core/network/network-of.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { Plans } from '#core/planning/plans.ts';
import { orAbsent } from '#files/or-absent.ts';
import { parseDatasetJson } from '#formats/dataset-json.ts';
import { sha256 } from '#formats/digest.ts';
import { type NnunetCheckpoint, parseNnunetCheckpoint } from '#formats/nnunet-checkpoint.ts';
import { parsePlansOf } from '#formats/plans-of-configuration.ts';
import type { CheckpointName } from '#prediction/model-folder.ts';
import { namesIn } from '../folder.ts';

/** Thrown when a folder of results is not what nnU-Net leaves, or holds a network or method that is not there here. */
export class NnunetFolderUnusableError extends BadInputError {
  readonly code = 'NNUNET_FOLDER_UNUSABLE';
}

/** What is asked of a folder `<trainer>__<plans>__<configuration>`. */
export interface NnunetFolderRequest {
  readonly folder: string;
  /** `null`: all that have the checkpoint. */
  readonly folds: readonly number[] | null;
  readonly checkpoint: CheckpointName;
}

/** What nnU-Net knows of a configuration that it trained, and of the stages that it builds on. */
export interface NnunetResults {
  readonly plans: Plans;
  /** As nnU-Net wrote it: it may say more than is read here. */
  readonly datasetJson: Uint8Array;
  readonly dataset: DatasetDescription;
  readonly configuration: string;
  readonly trainer: string;
  /** Network axes along which mirrored images may be averaged; `null`: none. */
  readonly mirrorAxes: readonly number[] | null;
  readonly folds: readonly number[];
  readonly checkpoints: AsyncIterable<NnunetFold>;
}

export interface NnunetFold {
  /** The one asked for, or a stage before it. */
  readonly configuration: string;
  readonly fold: number;
  readonly weights: Tensors;
  /** Of `checkpoint_best.pth`, where `checkpoint_final.pth` was asked for and that lies beside it; else `null`. */
  readonly bestWeights: Tensors | null;
  /** SHA-256 of the checkpoint's file. */
  readonly digest: string;
}

/**
 * Reads what nnU-Net v2 left of one configuration. As there, trainer, configuration and mirror axes are those of the first
 * fold's checkpoint; the weights of a fold are read when its turn comes. The first stage of a cascade is looked for in the
 * folder beside it, where nnU-Net leaves it, and needs the same folds.
 *
 * @throws {NnunetFolderUnusableError} for a missing fold or file, and for what cannot be predicted with here.
 * @throws {TorchCheckpointUnreadableError} for a checkpoint that is none, or one that could run code.
 */
export async function readNnunetFolder(request: NnunetFolderRequest): Promise<NnunetResults> {
  const folds = await foldsOf(request);
  const [firstFold = 0] = folds;
  const first = await readCheckpoint(request, firstFold);
  const { configuration, trainer, mirrorAxes } = first.checkpoint;
  const datasetJson = await fileOf(request.folder, 'dataset.json');
  const { description: dataset } = parseDatasetJson(new TextDecoder().decode(datasetJson));
  const plansText = new TextDecoder().decode(await fileOf(request.folder, 'plans.json'));
  const { plans, graphs } = understood(() => {
    const plans = parsePlansOf(plansText, configuration);
    return { plans, graphs: plans.configurations.map((plan) => ({ plan, graph: networkOf(plan, dataset) })) };
  });
  const stages = graphs.map(({ plan: { name }, graph }) => ({
    configuration: name,
    graph,
    request:
      name === configuration ? request : { ...request, folder: folderBeside(request.folder, configuration, name) },
  }));
  return {
    plans,
    datasetJson,
    dataset,
    configuration,
    trainer,
    mirrorAxes,
    folds,
    checkpoints: weightsOf(stages, folds),
  };
}

/** `…/<trainer>__<plans>__<configuration>` → `…/<trainer>__<plans>__<other>`. */
function folderBeside(folder: string, configuration: string, other: string): string {
  const path = resolve(folder);
  if (path.endsWith(`__${configuration}`)) return `${path.slice(0, -configuration.length)}${other}`;
  throw new NnunetFolderUnusableError(
    `${configuration} builds on ${other}, whose folder cannot be told from the name ${folder}; expected <trainer>__<plans>__${configuration}, with that of ${other} beside it`,
  );
}

interface Stage {
  readonly configuration: string;
  readonly graph: NetworkGraph;
  readonly request: NnunetFolderRequest;
}

async function* weightsOf(stages: readonly Stage[], folds: readonly number[]): AsyncGenerator<NnunetFold> {
  for (const { configuration, graph, request } of stages) {
    for (const fold of folds) {
      const { checkpoint, digest } = await readCheckpoint(request, fold);
      const bestWeights = await bestWeightsOf(request, fold, graph);
      yield { configuration, fold, weights: weightsInGraph(checkpoint, graph, fold), bestWeights, digest };
    }
  }
}

async function bestWeightsOf(request: NnunetFolderRequest, fold: number, graph: NetworkGraph): Promise<Tensors | null> {
  const names = await namesIn(join(request.folder, `fold_${fold}`));
  if (request.checkpoint === 'best' || !names.includes('checkpoint_best.pth')) return null;
  const { checkpoint } = await readCheckpoint(request, fold, 'best');
  return weightsInGraph(checkpoint, graph, fold);
}

async function foldsOf({ folder, folds, checkpoint }: NnunetFolderRequest): Promise<readonly number[]> {
  if (folds !== null) return [...new Set(folds)];
  const numbers = (await namesIn(folder)).flatMap((name) => /^fold_(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const found: number[] = [];
  for (const fold of numbers.sort((a, b) => a - b))
    if ((await namesIn(join(folder, `fold_${fold}`))).includes(`checkpoint_${checkpoint}.pth`)) found.push(fold);
  if (found.length > 0) return found;
  throw new NnunetFolderUnusableError(
    `${folder} has no fold_0 to fold_4 with a checkpoint_${checkpoint}.pth; expected nnU-Net's folder <trainer>__<plans>__<configuration> (a fold_all is taken when it is named fold_0)`,
  );
}

async function readCheckpoint(request: NnunetFolderRequest, fold: number, which = request.checkpoint) {
  const path = checkpointPath(fold, which);
  const bytes = await fileOf(request.folder, path);
  try {
    return { checkpoint: parseNnunetCheckpoint(bytes), digest: sha256(bytes) };
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    throw new NnunetFolderUnusableError(`${path} is no checkpoint of nnU-Net v2: ${z.prettifyError(cause)}`, { cause });
  }
}

const checkpointPath = (fold: number, which: CheckpointName): string => join(`fold_${fold}`, `checkpoint_${which}.pth`);

/** The graph's parameters out of a checkpoint, each once. */
function weightsInGraph(checkpoint: NnunetCheckpoint, graph: NetworkGraph, fold: number): Tensors {
  const found = new Map(checkpoint.weights);
  const weights = new Map<string, Tensor>();
  for (const { name, shape } of graph.parameters) {
    const tensor = found.get(name);
    if (tensor?.shape.join() !== shape.join())
      throw new NnunetFolderUnusableError(
        `fold ${fold}: expected weights ${name} of shape ${shape.join(' x ')}, got ${tensor?.shape.join(' x ') ?? 'none'}; ${foreign(checkpoint)}`,
      );
    weights.set(name, tensor.toFloat32());
    found.delete(name);
  }
  const [more] = found.keys();
  if (more !== undefined)
    throw new NnunetFolderUnusableError(`fold ${fold}: there are weights ${more}; ${foreign(checkpoint)}`);
  return weights;
}

const foreign = ({ trainer }: NnunetCheckpoint): string =>
  `the network that ${trainer} trains is not the one of the plans, and it is not known here`;

async function fileOf(folder: string, path: string): Promise<Uint8Array> {
  const bytes = await orAbsent(() => readFile(join(folder, path)));
  if (bytes !== undefined) return bytes;
  throw new NnunetFolderUnusableError(
    `${folder} has no ${path}; expected nnU-Net's folder <trainer>__<plans>__<configuration>`,
  );
}

/** Translates what the plans' reader and the network's builder refuse. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof z.ZodError || cause instanceof SyntaxError || cause instanceof RangeError)) throw cause;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : cause.message;
    throw new NnunetFolderUnusableError(`plans.json holds what cannot be predicted with here: ${reason}`, { cause });
  }
}
