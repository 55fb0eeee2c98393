import { expect, it } from 'vitest';
import { labelMap } from '#core/dataset/label-map.ts';
import { candidates, type Ensemble } from '#core/ensembling/candidates.ts';
import { rank } from '#core/ensembling/rank.ts';
import { joinProbabilities } from '#core/ensembling/voting.ts';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { summarize } from '#core/evaluation/summary.ts';
import {
  caseIds,
  LABELS,
  MODELS,
  probabilitiesOf,
  readJson,
  readLabels,
  SCHEME,
  truthOf,
} from '#test/golden-selection.ts';
import { describeWithShared } from '#test/shared.ts';

const vote = (members: readonly string[], caseId: string): Uint8Array =>
  labelMap(
    joinProbabilities(
      'soft',
      members.map((model) => probabilitiesOf(model, caseId)),
      SCHEME,
    ),
    SCHEME,
  );

/** nnU-Net's name of a candidate in inference_information.json. */
const identifier = ({ members }: Ensemble): string => {
  const names = members.map((member) => `nnUNetTrainer__nnUNetPlans__${member}`);
  return names.length === 1 ? names.join() : `ensemble___${names.join('___')}___0_1_2_3_4`;
};

describeWithShared('selection agrees with nnU-Net', 'golden/selection', () => {
  it.each(MODELS)('on the label maps of %s, ties to the lowest label', (model) => {
    for (const caseId of caseIds()) {
      const labels = labelMap(probabilitiesOf(model, caseId), SCHEME);
      expect(Buffer.compare(labels, readLabels(`models/${model}/${caseId}.nii.gz`)), caseId).toBe(0);
    }
  });

  it.each([
    ['2d', '3d_fullres'],
    ['2d', '3d_lowres'],
    ['3d_fullres', '3d_lowres'],
  ])('on the ensemble of %s and %s, voxel for voxel', (...members) => {
    for (const caseId of caseIds()) {
      const wanted = readLabels(`results/${members.join('+')}/${caseId}.nii.gz`);
      expect(Buffer.compare(vote(members, caseId), wanted), caseId).toBe(0);
    }
  });

  it('on the ensemble of three, voxel for voxel', () => {
    for (const caseId of caseIds()) {
      const wanted = readLabels(`results/${MODELS.join('+')}/${caseId}.nii.gz`);
      // Probabilities are multiples of 1/512: sums are exact, only the division by 3 rounds, so equal sums stay equal.
      expect(Buffer.compare(vote(MODELS, caseId), wanted), caseId).toBe(0);
    }
  });

  it('on the score of every candidate, their ranking and the winner', () => {
    const scored = candidates(MODELS, ['soft']).map((candidate) => {
      const cases = caseIds().map((caseId) => ({
        predictionFile: '',
        referenceFile: '',
        metrics: evaluateCase(vote(candidate.members, caseId), truthOf(caseId), LABELS),
      }));
      return { ...candidate, meanDice: summarize(LABELS, cases).foregroundMean.dice };
    });
    const wanted = readJson('find_best_configuration/inference_information.json');
    // 1e-12: NumPy adds up in another order.
    for (const candidate of scored)
      expect(candidate.meanDice, identifier(candidate)).toBeCloseTo(wanted.all_results[identifier(candidate)], 12);
    const ranking = rank(scored);
    expect(ranking.map(identifier)).toEqual(readJson('overview.json').ranking.map(([name]: [string]) => name));
    const best = wanted.best_model_or_ensemble.selected_model_or_models;
    expect(ranking[0]?.members).toEqual(best.map((model: { configuration: string }) => model.configuration));
  });

  it('on the winner when only single models may win', () => {
    const wanted = readJson('find_best_configuration/inference_information_no_ensembling.json');
    const singles = candidates(MODELS, []);
    const scored = singles.map((candidate) => ({ ...candidate, meanDice: wanted.all_results[identifier(candidate)] }));
    expect(rank(scored)[0]?.members).toEqual(
      wanted.best_model_or_ensemble.selected_model_or_models.map((m: { configuration: string }) => m.configuration),
    );
  });
});
