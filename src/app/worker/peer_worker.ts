// The worker of one peer of the benchmark, which it is named after. The page that starts it gives it a port to the
// benchmark.
import { expose } from 'comlink';
import { PEERS } from '../../bench/peers/peers.ts';
import { RemotePeer } from '../../bench/peers/remote.ts';
import { browserHost } from '../../hosts/browser/host.ts';

const peer = new RemotePeer(browserHost(), PEERS);
const { load } = PEERS[self.name as keyof typeof PEERS];
// What does not load is asked for again, and says why, when the peer is opened.
load?.().catch(() => {});

self.onmessage = ({ data }: MessageEvent<MessagePort>) => {
  self.onmessage = null;
  expose(peer, data);
};
self.addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
