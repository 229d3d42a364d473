// A process that outlives the command line for a moment: once the pipe from it closes, however the command
// line ended, it clears away the browser that was started there.
import { text } from 'node:stream/consumers';
import { clearAway, type ProcessGroup } from './leftovers.ts';

// What ends many processes at once, such as a logout, would end this one before its work.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

const lines = (await text(process.stdin)).split('\n').filter((line) => line !== '');
const groups = lines.map((line) => JSON.parse(line) as ProcessGroup);
await clearAway({ folder: process.argv[2], groups });
