// The worker of one peer of the benchmark. The page that starts it gives it a port to the benchmark.
import { expose } from 'comlink';
import { RemotePeer } from '../../bench/peers/remote.ts';
import { browserHost } from '../../hosts/browser/host.ts';

const peer = new RemotePeer(browserHost());

self.onmessage = ({ data }: MessageEvent<MessagePort>) => {
  self.onmessage = null;
  expose(peer, data);
};
self.addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
