// A process that outlives the command line for a moment: once the channel to it closes, however the command line ended,
// it clears away the browser that was started there.
import { clearAway, type ProcessGroup } from './leftovers.ts';

const folder = process.argv[2];
const groups: ProcessGroup[] = [];

// What ends many processes at once, such as a logout, would end this one before its work.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('message', (group: ProcessGroup) => groups.push(group));
if (process.connected) process.once('disconnect', () => void clearAway({ folder, groups }));
else void clearAway({ folder, groups });
