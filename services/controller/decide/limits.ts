/** How patient the controller is with one step. */
export interface Limits {
  /** Failed attempts after which the Task fails. */
  readonly failuresPerStep: number;
  /** Attempts lost (killed, crashed machine) within one life of the runner after which the Task fails. */
  readonly lossesPerStep: number;
  /** Pause after the first failure; it doubles with each further one. */
  readonly firstPauseMs: number;
  /** The longest pause between two attempts. */
  readonly longestPauseMs: number;
}
