// Which view is shown, and the state of each in the address: `#/draw?run=…`. Train, the first view, does
// without a name: `#backend=wasm&seed=3`.

export const VIEW_NAMES = ['train', 'results', 'draw', 'compare', 'benchmark', 'learn', 'kernels'] as const;
export type ViewName = (typeof VIEW_NAMES)[number];

export interface Route {
  readonly view: ViewName;
  readonly params: URLSearchParams;
}

/** What of a view's parameters stands in its path: `#/kernels/sgd?…`. */
const IN_PATH: { readonly [V in ViewName]?: string } = { kernels: 'kernel' };

/** Unknown views are the first one, with nothing asked of it. */
export function parseFragment(fragment: string): Route {
  const text = fragment.replace(/^#/, '');
  if (!text.startsWith('/')) return { view: 'train', params: new URLSearchParams(text) };
  const [path, query = ''] = text.slice(1).split(/\?(.*)/s);
  const [name, within] = path.split(/\/(.*)/s);
  const view = VIEW_NAMES.find((each) => each === name && (within === undefined || IN_PATH[each]));
  if (!view) return { view: 'train', params: new URLSearchParams() };
  const params = new URLSearchParams(query);
  if (within) params.set(IN_PATH[view]!, within);
  return { view, params };
}

/** @returns with its `#` */
export function formatFragment(view: ViewName, params: URLSearchParams): string {
  const rest = new URLSearchParams(params);
  const inPath = IN_PATH[view];
  const within = inPath && rest.get(inPath);
  if (within) rest.delete(inPath);
  const query = rest.toString();
  if (view === 'train' && query !== '') return `#${query}`;
  const path = within ? `${view}/${within}` : view;
  return query === '' ? `#/${path}` : `#/${path}?${query}`;
}

export class Router {
  private shown: ViewName;
  private readonly params = new Map<ViewName, URLSearchParams>();
  private readonly listeners: ((route: Route) => void)[] = [];

  constructor() {
    const { view, params } = parseFragment(location.hash);
    this.shown = view;
    this.params.set(view, params);
    addEventListener('hashchange', () => {
      const route = parseFragment(location.hash);
      this.shown = route.view;
      this.params.set(route.view, route.params);
      for (const listener of this.listeners) listener(route);
    });
  }

  get route(): Route {
    return { view: this.shown, params: this.paramsOf(this.shown) };
  }

  /** What the view's address said last. */
  paramsOf(view: ViewName): URLSearchParams {
    const params = this.params.get(view) ?? new URLSearchParams();
    this.params.set(view, params);
    return params;
  }

  href(view: ViewName): string {
    return formatFragment(view, this.paramsOf(view));
  }

  /**
   * Keeps a view's state; no entry of the history, and no listener hears of it.
   * @param address what the browser's address line has instead, for a link that repeats more of what is shown
   */
  keep(view: ViewName, params: URLSearchParams, address = params): void {
    this.params.set(view, params);
    if (view !== this.shown) return;
    const fragment = formatFragment(view, address);
    if (fragment === location.hash) return;
    history.replaceState(null, '', fragment === '#/train' ? location.pathname + location.search : fragment);
  }

  /** Shows a view, as a click on a link does. */
  go(view: ViewName, params: URLSearchParams): void {
    location.hash = formatFragment(view, params);
  }

  /** Called when another address is shown: by a link, the history or {@link go}. */
  listen(listener: (route: Route) => void): void {
    this.listeners.push(listener);
  }
}
