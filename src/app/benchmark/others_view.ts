// Results of other machines: those that come with the page, and files of one's own.
import { html, nothing, type TemplateResult } from 'lit';
import type { BenchReport } from '../../bench/report.ts';
import { dragLeave, dragOver, drop } from '../parts/drop_files.ts';
import { date as formatDate, plural } from '../parts/format.ts';
import { COMMITTED } from './committed.ts';

/** A report by the name of its file. */
export interface Other {
  readonly name: string;
  /** None while it is loaded, or if it cannot be read. */
  readonly report?: BenchReport;
  readonly problem?: string;
}

export interface OthersState {
  /** Those of {@link COMMITTED} that were asked for so far. */
  readonly committed: ReadonlyMap<string, Other>;
  readonly files: readonly Other[];
  readonly chosen: readonly string[];
  /** The list of those that come with the page. */
  readonly open: boolean;
  readonly problem: string | undefined;
  readonly onToggle: (open: boolean) => void;
  readonly onChoose: (name: string, on: boolean) => void;
  readonly onFiles: (files: readonly File[]) => void;
  readonly onRemove: (name: string) => void;
}

export function othersView(state: OthersState): TemplateResult {
  const { files, open, problem, onToggle, onFiles, onRemove } = state;
  const toggle = ({ target }: Event) => onToggle((target as HTMLDetailsElement).open);
  const pick = ({ target }: Event) => {
    const input = target as HTMLInputElement;
    onFiles([...(input.files ?? [])]);
    input.value = '';
  };
  return html`
    <section
      class="panel bench-others"
      aria-labelledby="benchmark-others-title"
      @dragover=${dragOver}
      @dragleave=${dragLeave}
      @drop=${(event: DragEvent) => onFiles(drop(event))}
    >
      <h2 id="benchmark-others-title">Other machines</h2>
      <details id="benchmark-committed" class="more" ?open=${open} @toggle=${toggle}>
        <summary>${COMMITTED.length} results that come with this project</summary>
        <ul class="others">${COMMITTED.map((name) => committedView(state, name))}</ul>
      </details>
      <ul class="others">
        ${files.map(
          ({ name, report }) => html`
            <li class="other">
              <span>${name}</span> <span class="note">${report && describe(report)}</span>
              <button type="button" class="link" aria-label=${`Remove ${name}`} @click=${() => onRemove(name)}>Remove</button>
            </li>
          `,
        )}
      </ul>
      <label class="picker">
        <input id="benchmark-files" type="file" accept=".json,application/json" multiple aria-describedby="benchmark-files-note" @change=${pick}>
        <span aria-hidden="true">A result as JSON …</span><span class="visually-hidden">Results as JSON</span>
      </label>
      <p id="benchmark-files-note" class="note">From <code>bench --json</code>, with <code>--grid</code> or without, or from this page; or drop it here. It stays on this machine.</p>
      <p id="benchmark-files-problem" class="problem" role="alert">${problem ?? ''}</p>
    </section>
  `;
}

function committedView({ committed, chosen, onChoose }: OthersState, name: string): TemplateResult {
  const { report, problem } = committed.get(name) ?? {};
  return html`
    <li>
      <label class="other">
        <input
          type="checkbox"
          value=${name}
          .checked=${chosen.includes(name)}
          @change=${({ target }: Event) => onChoose(name, (target as HTMLInputElement).checked)}
        >
        <span>${name}</span>
        <span class="note">${report ? describe(report) : (problem ?? nothing)}</span>
      </label>
    </li>
  `;
}

function describe({ environment, cases }: BenchReport): string {
  // Older results say less.
  const { runtime, processors, adapter, date, commit }: Partial<BenchReport['environment']> = environment;
  const webgpu = cases.some(({ subject }) => subject.backend === 'webgpu');
  const device = webgpu ? adapter : processors && plural(processors, 'processor');
  const suites = [...new Set(cases.map(({ suite }) => suite))].join(', ');
  const when = date && formatDate(date);
  return [runtime, device, suites, when, commit].filter(Boolean).join(' · ');
}
