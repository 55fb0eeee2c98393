/**
 * The lines of a stream of bytes, without their ends.
 *
 * @param bytes UTF-8; characters may be split between chunks.
 * @returns what comes after the last end of a line: nothing, or a line that was cut off.
 */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, string> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  for await (const chunk of bytes) {
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n');
    rest.push(first);
    for (const other of others) {
      yield rest.join('');
      rest = [other];
    }
  }
  return rest.join('');
}
