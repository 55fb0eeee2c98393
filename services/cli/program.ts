import { Command, Help } from 'commander';

/** The program without its commands, which inherit how its help is written: an option that must be given says so. */
export const newProgram = (): Command =>
  new Command('pentafold').configureHelp({
    optionDescription(option) {
      const described = Help.prototype.optionDescription.call(this, option);
      return option.mandatory && option.defaultValue === undefined ? `${described} (required)` : described;
    },
  });
