import type { Engine } from '#compute/engine.ts';

/** The engine itself; `onCall` hears of every `step`, `validate` and `predict` before it is done. */
export function heardEngine(engine: Engine, onCall: (call: string) => void): Engine {
  const compile = engine.compile.bind(engine);
  engine.compile = async (graph) => {
    const network = await compile(graph);
    const train = network.train.bind(network);
    network.predict = heard('predict', network.predict.bind(network), onCall);
    network.train = async (setup, cases) => {
      const training = await train(setup, cases);
      training.step = heard('step', training.step.bind(training), onCall);
      training.validate = heard('validate', training.validate.bind(training), onCall);
      return training;
    };
    return network;
  };
  return engine;
}

const heard =
  <Arguments extends unknown[], Result>(
    name: string,
    call: (...given: Arguments) => Result,
    onCall: (call: string) => void,
  ) =>
  (...given: Arguments): Result => {
    onCall(name);
    return call(...given);
  };
