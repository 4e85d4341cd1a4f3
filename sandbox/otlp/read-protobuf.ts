/** The value of one field on the wire: a number (varint or fixed64) or bytes (text, or another message). */
export type WireValue = bigint | Buffer;

/**
 * The fields of a protobuf message, by number and in order (https://protobuf.dev/programming-guides/encoding).
 * @throws RangeError where it is cut off, and Error for a wire type that OTLP does not have
 */
export function readMessage(bytes: Buffer): ReadonlyMap<number, readonly WireValue[]> {
  const fields = new Map<number, WireValue[]>();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const valueOf = (wireType: number): WireValue => {
    switch (wireType) {
      case 0:
        return varint();
      case 1:
        at += 8;
        return bytes.readBigUInt64LE(at - 8);
      case 2: {
        const length = Number(varint());
        if (at + length > bytes.length) throw new RangeError('a field is cut off');
        at += length;
        return bytes.subarray(at - length, at);
      }
      case 5:
        at += 4;
        return BigInt(bytes.readUInt32LE(at - 4));
      default:
        throw new Error(`wire type ${wireType} is not of OTLP`);
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const field = key >> 3;
    fields.set(field, [...(fields.get(field) ?? []), valueOf(key & 7)]);
  }
  return fields;
}
