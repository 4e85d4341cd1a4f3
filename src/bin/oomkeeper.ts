import { runCommand } from '../app/command-line/commands.ts';

// Whoever reads has seen enough (`| head`): there is nobody left to write for, and nothing failed.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

process.exitCode = await runCommand(process.argv.slice(2));
