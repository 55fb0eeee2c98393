/** Under which name the training of a fold is an input of the ensemble and publish steps. */
export const trainingKey = (configuration: string, fold: number): string => `train/${configuration}/${fold}`;
