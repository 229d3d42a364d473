// Selenium Grid: which browsers it can start, and where a session of ours came to be. Sessions themselves are
// plain WebDriver.
import * as v from 'valibot';
import { firstLineOf, InputError } from '../../errors.ts';
import type { Place } from '../../fleet/place.ts';
import type { Slot } from '../../fleet/queue.ts';
import type { Capabilities, WebDriverServer, WebDriverSession } from '../browser/webdriver.ts';

export interface GridSlot extends Slot {
  readonly browser: string;
  /** Of its node, in all slots together. */
  readonly maxSessions: number;
  /** Its session, whoever's it is; {@link RESERVED} while it is being started. */
  readonly session?: string;
}

/** What the Grid calls the session of a slot that it starts a browser on. */
export const RESERVED = 'reserved';

/** https://www.selenium.dev/documentation/grid/advanced_features/endpoints/ */
const statusSchema = v.object({
  nodes: v.array(
    v.object({
      uri: v.string(),
      availability: v.string(),
      maxSessions: v.number(),
      slots: v.array(
        v.object({
          id: v.object({ id: v.string() }),
          session: v.nullish(v.object({ sessionId: v.string() })),
          stereotype: v.looseObject({
            browserName: v.string(),
            browserVersion: v.optional(v.string()),
            platformName: v.optional(v.string()),
          }),
        }),
      ),
    }),
  ),
});

const located = v.object({
  data: v.object({
    session: v.object({ nodeUri: v.string(), slot: v.object({ id: v.string() }) }),
  }),
});

/**
 * The slots of all nodes that are up.
 * @throws InputError if no Grid answers there
 */
export async function gridSlots(server: WebDriverServer): Promise<GridSlot[]> {
  const status = await server.command<unknown>('GET', '/status').catch((error: unknown) => {
    throw new InputError(`no Selenium Grid at ${server.url}: ${firstLineOf(error)}`);
  });
  if (!v.is(statusSchema, status))
    throw new InputError(
      `no Selenium Grid at ${server.url}: its status has no nodes; for a single driver see bench --connect`,
    );
  return status.nodes
    .filter(({ availability }) => availability === 'UP')
    .flatMap(({ uri, maxSessions, slots }) =>
      slots.map(({ id, session, stereotype }) => ({
        id: id.id,
        node: uri,
        machine: hostOf(uri),
        kind: kindOf(stereotype),
        browser: stereotype.browserName,
        maxSessions,
        ...(session && { session: session.sessionId }),
      })),
    );
}

/** What is asked for to get a slot of this kind, as text that tells kinds apart. */
function kindOf({ browserName, browserVersion, platformName }: Capabilities): string {
  return JSON.stringify({ browserName, browserVersion, platformName });
}

/** The capabilities of a kind. */
export const capabilitiesOf = (kind: string) => JSON.parse(kind) as Capabilities;

function hostOf(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).hostname : uri;
}

/**
 * Which slot the Grid gave to a session.
 * @throws Error if it does not say
 */
export async function placeOf(
  server: WebDriverServer,
  { id, capabilities }: WebDriverSession,
): Promise<Place & { machine: string }> {
  const query = `{ session(id: ${JSON.stringify(id)}) { nodeUri slot { id } } }`;
  const { json } = await server.request('POST', '/graphql', { query });
  if (!v.is(located, json)) throw new Error('the Grid does not say where the session is');
  const { nodeUri, slot } = json.data.session;
  const { browserName = 'browser', browserVersion, platformName } = capabilities;
  return {
    slot: slot.id,
    node: nodeUri,
    machine: hostOf(nodeUri),
    browser: [browserName, browserVersion].filter(Boolean).join(' '),
    ...(platformName && { platform: platformName }),
  };
}
