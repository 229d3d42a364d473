// The frame around the views: their links, and what this browser can do.
import { html, nothing, render, type TemplateResult } from 'lit';
import { html as staticHtml, unsafeStatic } from 'lit/static-html.js';
import { messageOf } from '../errors.ts';
import { sharedMemoryUnavailable } from '../hosts/browser/shared_memory.ts';
import { loadMissingStyles } from './missing_styles.ts';
import { Session } from './model/session.ts';
import { shareDone } from './model/state.ts';
import { type Route, Router, type ViewName } from './router.ts';

interface Entry {
  readonly name: ViewName;
  readonly title: string;
  /** Defines the custom element `NAME-view`. */
  readonly load: () => Promise<unknown>;
}

/** Each loads when it is first shown. */
const VIEWS: readonly Entry[] = [
  { name: 'train', title: 'Train', load: () => import('./train/train_view.ts') },
  { name: 'results', title: 'Results', load: () => import('./results/results_view.ts') },
  { name: 'draw', title: 'Draw', load: () => import('./draw/draw_view.ts') },
  { name: 'compare', title: 'Compare', load: () => import('./compare/compare_view.ts') },
  { name: 'benchmark', title: 'Benchmark', load: () => import('./benchmark/benchmark_view.ts') },
  { name: 'learn', title: 'Learn', load: () => import('./learn/learn_view.ts') },
  { name: 'kernels', title: 'Kernels', load: () => import('./kernels/kernels_view.ts') },
];

const entryOf = (view: ViewName) => VIEWS.find(({ name }) => name === view)!;

export class Shell {
  private readonly router = new Router();
  readonly session = new Session(this.router);
  /** Views that were shown once, or why they could not be. */
  private readonly opened = new Map<ViewName, true | string>();

  constructor(private readonly root: HTMLElement) {
    root.replaceChildren();
    this.session.subscribe(() => this.draw());
    this.router.listen((route) => this.show(route));
    this.show(this.router.route);
    // A file that misses its place would take the browser away from the page, and from what goes on in it.
    for (const type of ['dragover', 'drop']) addEventListener(type, (event) => event.preventDefault());
  }

  private show({ view }: Route): void {
    this.draw();
    // On a phone the links are wider than their row.
    document.getElementById(`to-${view}-view`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    // It was not drawn anew while it was hidden.
    this.session.tell();
    if (this.opened.get(view) === true) return;
    this.opened.delete(view);
    entryOf(view)
      .load()
      .then(() => this.opened.set(view, true))
      .catch((error: unknown) => this.opened.set(view, messageOf(error)))
      .finally(() => this.draw());
  }

  /** Loads a view again that could not be loaded, and the style sheets that could not be loaded with it. */
  private retry(): void {
    loadMissingStyles().then(
      () => this.show(this.router.route),
      () => this.draw(),
    );
  }

  private draw(): void {
    const title = this.title();
    if (document.title !== title) document.title = title;
    render(this.page(), this.root);
  }

  /** "37 % – Draw – mnist-kernels" */
  private title(): string {
    const { view } = this.router.route;
    const name = view === 'train' ? undefined : entryOf(view).title;
    const parts = [shareDone(this.session.state), name, 'mnist-kernels'];
    return parts.filter((part) => part !== undefined).join(' – ');
  }

  private page(): TemplateResult {
    const { view } = this.router.route;
    return html`
      <header class="masthead">
        <h1><a href="#/train">mnist-kernels</a></h1>
        <nav aria-label="Views">${VIEWS.map((entry) => this.link(entry, view))}</nav>
        ${this.pill(view)} ${this.badges()}
      </header>
      <main>${VIEWS.map(({ name }) => this.viewOf(name, name !== view))}</main>
    `;
  }

  private link({ name, title }: Entry, shown: ViewName): TemplateResult {
    return html`<a id=${`to-${name}-view`} href=${this.router.href(name)} aria-current=${name === shown ? 'page' : nothing}>${title}</a>`;
  }

  private viewOf(name: ViewName, hidden: boolean): TemplateResult | typeof nothing {
    const opened = this.opened.get(name);
    if (opened === undefined) return hidden ? nothing : html`<p class="note" role="status">Loading …</p>`;
    if (opened !== true) return hidden ? nothing : this.notLoaded(opened);
    const tag = unsafeStatic(`${name}-view`);
    return staticHtml`<${tag} .session=${this.session} .params=${this.router.paramsOf(name)} ?hidden=${hidden}></${tag}>`;
  }

  private notLoaded(why: string): TemplateResult {
    const reason = navigator.onLine
      ? `The site did not answer as expected (${why}).`
      : 'There is no connection.';
    return html`
      <div class="not-loaded">
        <p class="problem" role="alert">This view could not be loaded. ${reason}</p>
        <button type="button" id="load-again" class="primary" @click=${() => this.retry()}>Try again</button>
      </div>
    `;
  }

  /** What trains, seen from the other views. */
  private pill(view: ViewName): TemplateResult | typeof nothing {
    const share = shareDone(this.session.state);
    if (share === undefined || view === 'train') return nothing;
    const { phase } = this.session.state;
    const doing = phase === 'paused' ? 'Paused at' : 'Training';
    return html`<a id="training-pill" class="pill" href=${this.router.href('train')}><span>${doing}</span> ${share}</a>`;
  }

  private badges(): TemplateResult {
    const { engines } = this.session.state;
    const webgpu = engines?.find(({ backend }) => backend === 'webgpu');
    const gpu = !engines ? 'WebGPU …' : webgpu?.info ? 'WebGPU' : 'no WebGPU';
    return html`
      <ul class="badges" aria-label="This browser">
        <li class=${webgpu?.info && !webgpu.info.software ? 'badge good' : 'badge'} title=${webgpu?.info?.adapter ?? webgpu?.unavailable ?? ''}>${gpu}</li>
        <li
          id="isolation"
          class=${sharedMemoryUnavailable === undefined ? 'badge good' : 'badge'}
          title=${sharedMemoryUnavailable === undefined ? 'WASM shares memory between threads' : `WASM runs on one thread: ${sharedMemoryUnavailable}`}
        >
          ${sharedMemoryUnavailable === undefined ? 'threads' : 'one thread'}
        </li>
      </ul>
    `;
  }
}
