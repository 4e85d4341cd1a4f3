import { runStaticChecks } from './static-checks.mjs';

const { passed, failed, report } = await runStaticChecks();
process.stdout.write(report);
process.stdout.write(`${passed} passed, ${failed.length} failed, 0 skipped\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
