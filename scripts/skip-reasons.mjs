/** @import {Reporter, TestModule} from 'vitest/node' */

/**
 * A reporter for vitest that says of each skipped test why. A test gives its reason with `context.skip('reason')`.
 * @implements {Reporter}
 */
export default class SkipReasons {
  /** @param {readonly TestModule[]} modules */
  onTestRunEnd(modules) {
    /** @type {Map<string, string[]>} */
    const byReason = new Map();
    for (const module of modules) {
      for (const test of module.children.allTests('skipped')) {
        const result = test.result();
        const reason = (result.state === 'skipped' && result.note) || 'no reason given';
        byReason.set(reason, [...(byReason.get(reason) ?? []), `${module.relativeModuleId}: ${test.fullName}`]);
      }
    }
    for (const [reason, tests] of byReason) {
      process.stdout.write(`skipped, ${reason}:\n${tests.map((test) => `  ${test}\n`).join('')}`);
    }
  }
}
