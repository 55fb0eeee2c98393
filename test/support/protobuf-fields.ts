// An independent reading of the protocol buffers wire format, to see what was written in it.

type Field = { readonly number: number; readonly value: number | Buffer };

/** In order. */
function fields(message: Uint8Array): Field[] {
  const found: Field[] = [];
  const bytes = Buffer.from(message);
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = tag >> 3;
    if ((tag & 7) === 0) found.push({ number, value: varint() });
    else {
      const length = (tag & 7) === 5 ? 4 : varint();
      found.push({ number, value: bytes.subarray(at, at + length) });
      at += length;
    }
  }
  return found;
}

/** What a message holds under a field's number: messages, texts and bytes as they are. */
export const messages = (message: Uint8Array, number: number): Buffer[] =>
  fields(message).flatMap((field) => (field.number === number && Buffer.isBuffer(field.value) ? [field.value] : []));

export const texts = (message: Uint8Array, number: number): string[] => messages(message, number).map(String);

export const counts = (message: Uint8Array, number: number): number[] =>
  fields(message).flatMap((field) => (field.number === number && typeof field.value === 'number' ? [field.value] : []));
