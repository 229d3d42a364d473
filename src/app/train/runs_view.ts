// The place of the runs that this browser keeps. Their panel loads once there is something for it to show.
import { html, nothing, type TemplateResult } from 'lit';
import { messageOf } from '../../errors.ts';
import type { Session } from '../model/session.ts';

let panel: 'not asked for' | 'on its way' | 'there' | Error = 'not asked for';

export function runsView(session: Session): TemplateResult | typeof nothing {
  const { kept, deleted } = session.state;
  if (kept.length === 0 && !deleted) return nothing;
  if (panel === 'not asked for') void load(session);
  if (panel === 'there') return html`<runs-panel .session=${session}></runs-panel>`;
  if (!(panel instanceof Error)) return nothing;
  return html`<p class="problem" role="alert">The kept runs could not be loaded (${messageOf(panel)}). Load the page again.</p>`;
}

/** Whether the runs have their place, so that what stands below keeps its own. */
export function runsAreSettled({ state: { kept, listed } }: Session): boolean {
  return listed === true && (kept.length === 0 || panel === 'there' || panel instanceof Error);
}

async function load(session: Session): Promise<void> {
  panel = 'on its way';
  try {
    await import('./runs_panel.ts');
    panel = 'there';
  } catch (error) {
    panel = error instanceof Error ? error : new Error(String(error));
  }
  session.update({});
}
