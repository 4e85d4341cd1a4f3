#!/usr/bin/env node
import { runCommand } from '../app/command-line/commands.ts';

// The reader has closed the pipe (`| head`): nobody is left to write for, and nothing failed.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

process.exitCode = await runCommand(process.argv.slice(2));
