import { z } from 'zod';
import { defaulted, needed } from './about-variable.ts';
import { url } from './shapes.ts';

/** Where pull requests are opened. */
export const githubVariables = {
  GITHUB_TOKEN: needed(z.string().min(8, 'is too short to be a token'), {
    group: 'option',
    meaning:
      'Token that may read and write contents and pull requests. Without a token or a GitHub App no pull request is offered.',
    example: 'github_pat_…',
    readBy: ['worker'],
    secret: true,
  }),
  GITHUB_APP_ID: needed(z.string().regex(/^\d+$/, 'must be a number'), {
    group: 'option',
    meaning: 'Id of a GitHub App, instead of a token; it also needs GITHUB_PRIVATE_KEY.',
    example: '123456',
    readBy: ['worker'],
  }),
  GITHUB_PRIVATE_KEY: needed(z.string().startsWith('-----BEGIN', 'must be a PEM key'), {
    group: 'option',
    meaning: String.raw`Private key (PEM) of the GitHub App; line ends may be written as \n.`,
    example: '-----BEGIN RSA PRIVATE KEY-----…',
    readBy: ['worker'],
    secret: true,
  }),
  GITHUB_WEBHOOK_SECRET: needed(z.string().min(8, 'is too short to be a secret'), {
    group: 'option',
    meaning:
      'Secret of the webhook that reports merged pull requests to the bot. Without it they are polled once a minute.',
    example: 'a-long-random-text',
    readBy: ['bot'],
    secret: true,
  }),
  GITHUB_API_URL: defaulted(
    url.transform((text) => text.replace(/\/$/, '')),
    {
      group: 'option',
      meaning: 'Address of the GitHub API; of GitHub Enterprise: https://HOST/api/v3.',
      fallback: 'https://api.github.com',
      example: 'https://github.example.com/api/v3',
      readBy: ['worker'],
    },
  ),
};
