// Runs on a private machine: fails.

process.stderr.write('a reason\n');
process.exit(3);
