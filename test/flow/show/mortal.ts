import type { Life } from './bot-world.ts';

/**
 * Dies at its nth call to the world, before or after that has done its work, as by SIGKILL: the call is never answered
 * and no other is made.
 */
export function mortal(calls: number, when: 'before' | 'after'): { readonly life: Life; readonly died: Promise<void> } {
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
  const life: Life = (world) =>
    new Proxy(world, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => call(() => Reflect.apply(member, target, args));
      },
    });
  return { life, died };
}
