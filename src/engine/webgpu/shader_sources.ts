// The texts in shaders/: they load with the first plan that an engine prepares.
import type { WgslSources } from './shaders.ts';

const FILES = import.meta.glob<string>('../../../shaders/*.wgsl', {
  query: '?raw',
  import: 'default',
  eager: true,
});

export const WGSL_SOURCES: WgslSources = Object.fromEntries(
  Object.entries(FILES).map(([path, text]) => [path.split('/').at(-1)!.replace('.wgsl', ''), text]),
);
