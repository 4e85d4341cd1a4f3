import { forScripts, readByJvm } from './jvm.ts';

/** An option of a JVM or of Node.js that says how large its heap may be. */
const heapOption = /-Xm[xs]|-XX:M|-XX:InitialHeapSize|-max[-_]old[-_]space/;

/** Whether a variable may say something about a heap: by its name, or because a command can pass on any variable. */
export function holdsOptions(name: string, value: string): boolean {
  return name === 'NODE_OPTIONS' || readByJvm.includes(name) || forScripts.test(name) || heapOption.test(value);
}
