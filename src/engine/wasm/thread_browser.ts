// Entry of a helper thread in a browser: a dedicated module worker.
import { serve, type ThreadStart } from './thread.ts';

self.onmessage = (event: MessageEvent<ThreadStart>) => serve(event.data, () => self.postMessage('ready'));
