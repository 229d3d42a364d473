// Entry of the page.
import { isolate } from './isolation.ts';
import { keepForOffline } from './offline.ts';
import { Shell } from './shell.ts';

if (!(await isolate())) {
  const { session } = new Shell(document.getElementById('page')!);
  // Where it cannot be kept, in private windows or on a full disk, the page goes on as ever.
  keepForOffline(session).catch(() => {});
}
