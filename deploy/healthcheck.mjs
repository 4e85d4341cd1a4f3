/// <reference types="node" />

/**
 * Asks the process in this container how it is, for a HEALTHCHECK: exit code 0 when it is well. The argument is
 * `/readyz` or `/healthz`.
 */
const [path = '/healthz'] = process.argv.slice(2);
const port = process.env['OOMKEEPER_OPS_PORT'] || '9464';
try {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2_500) });
  process.stdout.write(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  process.stdout.write(`No answer on port ${port}: ${String(error)}\n`);
  process.exitCode = 1;
}
