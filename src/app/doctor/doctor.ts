import { processEnvironment, readConfig } from '../config/config.ts';
import { startProgress } from '../command-line/progress.ts';
import { doctorOptions } from './doctor-options.ts';
import type { DoctorOptions } from './doctor-options.ts';
import { doctorJson, doctorText } from './doctor-text.ts';
import type { Area, Finding } from './finding.ts';
import { checkCluster } from './check-cluster.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkForge } from './check-forge.ts';
import { checkReceivers } from './check-receivers.ts';
import { checkRedis } from './check-redis.ts';
import { checkSlack } from './check-slack.ts';
import { checkUsage } from './check-usage.ts';

/**
 * `oomkeeper doctor`: checks everything that Oomkeeper needs, one thing at a time, and says how to fix what is wrong.
 * Reads only; nothing is posted and nothing is changed. Returns 0 if there is no problem (warnings are allowed), else
 * 1.
 * @throws Failure('usage' | 'bad-configuration')
 */
export async function doctorCommand(args: readonly string[]): Promise<number> {
  const options = doctorOptions(args);
  const progress = startProgress(process.stderr);
  try {
    const findings = await visit(options, progress.say);
    progress.end();
    const { isTTY, columns } = process.stdout;
    // Set in every pod.
    const isInstalled = processEnvironment()['KUBERNETES_SERVICE_HOST'] !== undefined;
    const width = isTTY ? columns : Infinity;
    process.stdout.write(options.json ? doctorJson(findings) : doctorText(findings, { width, isInstalled }));
    return findings.some(({ state }) => state === 'problem') ? 1 : 0;
  } finally {
    progress.end();
  }
}

async function visit(options: DoctorOptions, say: (step: string) => void): Promise<readonly Finding[]> {
  const { wanted, processes } = options;
  const environment = processEnvironment();
  const config = readConfig(environment, []);
  const findings: Finding[] = [];
  const into = async (area: Area, looking: () => Promise<readonly Finding[]>): Promise<void> => {
    if (!wanted.includes(area)) return;
    say(`checking ${area}`);
    findings.push(...(await looking()));
  };
  await into('configuration', () => checkConfiguration(environment, config, options));
  await into('redis', () => checkRedis(config));
  await into('slack', () => checkSlack(config, options));
  await into('cluster', () => checkCluster(config, processes));
  await into('usage', () => checkUsage(config));
  await into('forge', () => checkForge(config));
  await into('receivers', () => checkReceivers(config));
  return findings;
}
