import type { Call, Transport } from './transport.ts';

/**
 * The same transport, but a read that is under way serves all who want the same meanwhile: several readers of one
 * explanation look at the same objects at the same moment, and incidents of one node or namespace at its pods. Nothing
 * is kept: a read that begins after an answer has come asks anew. Who shares an answer may not change it.
 */
export function shareReads(transport: Transport): Transport {
  const underWay = new Map<string, ReturnType<Transport['answer']>>();

  const answer = async (call: Call): ReturnType<Transport['answer']> => {
    const { path, method = 'GET', accept, signal } = call;
    if (method !== 'GET' || accept !== undefined || signal !== undefined) return transport.answer(call);
    const known = underWay.get(path);
    if (known !== undefined) return known;
    const reading = transport.answer(call).finally(() => underWay.delete(path));
    underWay.set(path, reading);
    return reading;
  };

  return { ...transport, answer, json: async (call) => (await answer(call)).body };
}
