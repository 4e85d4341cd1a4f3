import type { Wrap } from './bot-world.ts';

/**
 * Dies at its nth call to the world, before or after that has done its work, as by SIGKILL: the call is never answered
 * and no other is made.
 */
export function mortal(calls: number, when: 'before' | 'after'): { readonly wrap: Wrap; readonly died: Promise<void> } {
  const { promise: died, resolve: dies } = Promise.withResolvers<void>();
  const { promise: never } = Promise.withResolvers<never>();
  let made = 0;
  const call = async (work: () => unknown): Promise<unknown> => {
    made += 1;
    if (made < calls) return work();
    if (made === calls && when === 'after') await work();
    dies();
    return never;
  };
  const wrap: Wrap = (world) =>
    new Proxy(world, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => call(() => Reflect.apply(member, target, args));
      },
    });
  return { wrap, died };
}

/** A bot whose calls of this name to the world go by way of `way`, which makes them by `call`. */
export function waylaid(
  name: string,
  way: (call: () => Promise<unknown>, ...args: readonly unknown[]) => Promise<unknown>,
): Wrap {
  return (world) =>
    new Proxy(world, {
      get: (target, asked) => {
        const member: unknown = Reflect.get(target, asked);
        if (asked !== name || typeof member !== 'function') return member;
        return async (...args: unknown[]) =>
          way(
            async () => {
              const answer: unknown = await Reflect.apply(member, target, args);
              return answer;
            },
            ...args,
          );
      },
    });
}
