/*
 * What differs between the systems that this project runs on. Each function is told the system, so that each can be tried on
 * any of them.
 */

const requiredMajor = 24;
/** Where npm brings Node along. */
const broughtTo = ['linux-x64', 'linux-arm64'];

/**
 * Whether npm installs a Node of its own beside the packages.
 * @param {string} platform as of `process.platform`
 * @param {string} arch as of `process.arch`
 */
export function bringsNode(platform, arch) {
  return broughtTo.includes(`${platform}-${arch}`);
}

/**
 * What is wrong with the Node that runs us, where npm brings none along; nothing where it is new enough.
 * @param {{platform: string, arch: string, version: string}} system `version` as of `process.versions.node`
 * @returns {string | undefined}
 */
export function nodeProblem({ platform, arch, version }) {
  if (bringsNode(platform, arch) || Number(version.split('.')[0]) >= requiredMajor) return undefined;
  const brew = platform === 'darwin' ? `brew install node@${requiredMajor} (and put it on PATH as it says), or ` : '';
  return (
    `Oomkeeper needs Node ${requiredMajor}, and this is ${version}. On Linux (x64, arm64) npm brings it along; ` +
    `on ${platform}-${arch} please install it: ${brew}https://nodejs.org`
  );
}

/**
 * Whether Redis can be fetched from the system's own packages without installing anything.
 * @param {string} platform
 */
export function mayFetchRedis(platform) {
  return platform === 'linux';
}

/**
 * The lines that provide a Redis.
 * @param {string} platform
 */
export function redisAdvice(platform) {
  const container = [
    'docker run --rm --detach --publish 127.0.0.1:6379:6379 redis:8 --appendonly yes',
    '  and then, before the command: REDIS_URL=redis://127.0.0.1:6379',
  ];
  const own = {
    darwin: ['brew install redis'],
    linux: ['sudo apt-get install redis-server', 'brew install redis'],
  };
  const lines = platform === 'darwin' || platform === 'linux' ? own[platform] : [];
  const beginning = mayFetchRedis(platform)
    ? 'There is no Redis here, and it could not be fetched. One of these provides it:'
    : 'There is no redis-server or valkey-server on PATH. One of these provides it:';
  return [beginning, ...[...lines, ...container].map((line) => `  ${line}`)].join('\n');
}

/**
 * The command that writes to the disk what was installed just now, where the system has one for a single folder.
 * @param {string} platform
 * @param {string} folder
 * @returns {[string, ...string[]] | undefined}
 */
export function syncCommand(platform, folder) {
  return platform === 'linux' ? ['sync', '-f', folder] : undefined;
}
