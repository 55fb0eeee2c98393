import { systemErrorCode } from '#files/system-error-code.ts';

/**
 * Lets whoever reads the output leave before its end, as `head` does: what is printed after that is lost, and the work
 * goes on to its own end.
 */
export function bearClosedReader(output: NodeJS.WriteStream): void {
  output.on('error', (error) => {
    if (systemErrorCode(error) !== 'EPIPE') throw error;
  });
}
