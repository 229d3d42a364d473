// The whole page: header, and the form beside the live training and its results.
import { html, type TemplateResult } from 'lit';
import type { Page } from '../page.ts';
import { formView } from './form_view.ts';
import { liveView } from './live_view.ts';
import { resultsView } from './results_view.ts';

export function pageView(page: Page): TemplateResult {
  return html`
    <header class="masthead">
      <div>
        <h1>mnist-kernels</h1>
        <p class="purpose">Train dense networks in your browser, on hand-written WebGPU and WebAssembly kernels.</p>
      </div>
      <nav><a href="./benchmark.html">Benchmark</a></nav>
      ${badges(page)}
    </header>
    <main class="workbench">
      ${formView(page)}
      <div class="outcome">${liveView(page)} ${resultsView(page)}</div>
    </main>
  `;
}

function badges({ state }: Page): TemplateResult {
  const webgpu = state.engines?.find(({ backend }) => backend === 'webgpu');
  const gpu = !state.engines ? 'WebGPU …' : webgpu?.info ? 'WebGPU' : 'no WebGPU';
  const isolated = crossOriginIsolated;
  return html`
    <ul class="badges" aria-label="This browser">
      <li class=${webgpu?.info && !webgpu.info.software ? 'badge good' : 'badge'} title=${webgpu?.info?.adapter ?? webgpu?.unavailable ?? ''}>${gpu}</li>
      <li
        id="isolation"
        class=${isolated ? 'badge good' : 'badge'}
        title=${isolated ? 'Cross-origin isolated: WASM may share memory between threads' : 'Not cross-origin isolated: WASM runs on one thread'}
      >
        ${isolated ? 'threads' : 'one thread'}
      </li>
    </ul>
  `;
}
