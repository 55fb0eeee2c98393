/** Keeps what is written to it. */
export class RecordingTerminal {
  readonly isTTY: boolean;
  readonly columns = 140;
  readonly rows = 40;
  text = '';

  constructor(isTTY = false) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.text += text;
  }
}
