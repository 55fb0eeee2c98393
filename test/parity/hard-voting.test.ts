import { expect, it } from 'vitest';
import { labelMap } from '#core/dataset/label-map.ts';
import { joinProbabilities } from '#core/ensembling/voting.ts';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { summarize } from '#core/evaluation/summary.ts';
import { caseIds, LABELS, probabilitiesOf, readJson, readLabels, SCHEME, truthOf } from '#test/golden-selection.ts';
import { describeWithShared } from '#test/shared.ts';

// nnU-Net has no hard voting; the reference is our rule, written once more in plain NumPy.
describeWithShared('hard voting agrees with its plain NumPy reference', 'golden/selection/hard_voting', () => {
  const pairs = [
    ['2d', '3d_fullres'],
    ['2d', '3d_lowres'],
    ['3d_fullres', '3d_lowres'],
  ];

  it.each(pairs)('on %s and %s, voxel for voxel', (...members) => {
    for (const caseId of caseIds()) {
      const probabilities = members.map((model) => probabilitiesOf(model, caseId));
      const vote = labelMap(joinProbabilities('hard', probabilities, SCHEME), SCHEME);
      expect(Buffer.compare(vote, readLabels(`hard_voting/${members.join('+')}/${caseId}.nii.gz`)), caseId).toBe(0);
    }
  });

  it.each(pairs)('on the mean Dice of %s and %s', (...members) => {
    const wanted = readJson('hard_voting/dice.json')[members.join('+')];
    const cases = caseIds().map((caseId) => ({
      predictionFile: '',
      referenceFile: '',
      metrics: evaluateCase(readLabels(`hard_voting/${members.join('+')}/${caseId}.nii.gz`), truthOf(caseId), LABELS),
    }));
    // 1e-12: NumPy adds up in another order.
    expect(summarize(LABELS, cases).foregroundMean.dice).toBeCloseTo(wanted.foreground_mean, 12);
  });
});
