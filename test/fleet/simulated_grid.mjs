// A process that answers as a Selenium Grid does, with browsers that are none: for as many slots as no machine
// has, and for browsers that fail as no real one does on request.
// Usage: node simulated_grid.mjs '{"slots":1000,"seconds":1,"version":"0.1.0","faults":{"0":"hangs"}}'
// @ts-check
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * @type {{
 *   slots: number,
 *   seconds: number,
 *   version: string,
 *   outcome: string,
 *   onOneMachine?: boolean,
 *   faults?: { [slot: string]: 'hangs' | 'is of another version' | 'loses its page' | 'dies' | 'does not start' | 'fails its job' },
 * }}
 * `seconds` of a job, and `outcome` as the page has it at its end.
 */
const { slots: count, seconds, version, outcome, faults = {}, onOneMachine } = JSON.parse(process.argv[2]);

/** @typedef {{ id: string, node: string, fault: string | undefined, session: string | null }} Slot */
/** @type {Slot[]} */
const slots = Array.from({ length: count }, (_, index) => ({
  id: `slot-${index}`,
  node: `http://${onOneMachine ? 'machine' : `node-${index}`}:${5555 + index}`,
  fault: faults[index],
  session: null,
}));
/** @type {Map<string, { slot: Slot, since: number, looks: number }>} */
const sessions = new Map();
let opened = 0;
let most = 0;

const status = () => ({
  nodes: slots.map(({ id, node, session }) => ({
    uri: node,
    availability: 'UP',
    maxSessions: 1,
    slots: [
      { id: { id }, session: session && { sessionId: session }, stereotype: { browserName: 'chrome' } },
    ],
  })),
});

/** @param {string} why @returns {never} */
function fail(why) {
  throw new Error(why);
}

function open() {
  const slot = slots.find(({ session }) => session === null) ?? fail('no slot is free');
  if (slot.fault === 'does not start') {
    // The next request gets another slot, as that of a Grid does.
    slots.push(...slots.splice(slots.indexOf(slot), 1));
    fail('session not created: This version of ChromeDriver only supports Chrome version 99');
  }
  slot.session = randomUUID();
  sessions.set(slot.session, { slot, since: 0, looks: 0 });
  opened++;
  most = Math.max(most, sessions.size);
  return { sessionId: slot.session, capabilities: { browserName: 'chrome', browserVersion: '156' } };
}

/** @param {string} id @param {string} script @param {unknown[]} args */
function execute(id, script, args) {
  const session = sessions.get(id) ?? fail(`no such session: ${id}`);
  const { slot } = session;
  const age = (performance.now() - session.since) / 1000;
  if (script.includes('.version')) return slot.fault === 'is of another version' ? '0.0.1' : version;
  if (script.includes('.start(')) {
    session.since = performance.now();
    session.looks = 0;
    return null;
  }
  if (script.includes('.take(')) return outcome.slice(Number(args[0]), Number(args[1]));
  session.looks++;
  if (slot.fault === 'loses its page') return null;
  if (slot.fault === 'dies') fail('Connection error (POST http://node)');
  if (slot.fault === 'fails its job')
    return JSON.stringify({ phase: 'failed', error: { name: 'Error', message: 'the device was lost' } });
  if (slot.fault === 'hangs') return JSON.stringify({ phase: 'running', signs: 3 });
  if (age < seconds) return JSON.stringify({ phase: 'running', signs: session.looks });
  return JSON.stringify({ phase: 'done', length: outcome.length });
}

/** @param {string} method @param {string} path @param {any} body */
function answer(method, path, body) {
  if (path === '/status') return { value: status() };
  if (path === '/counts') return { value: { opened, most, now: sessions.size } };
  if (path === '/graphql') {
    const id = JSON.parse(/session\(id: ("[^"]+")\)/.exec(body.query)?.[1] ?? '""');
    const { slot } = sessions.get(id) ?? fail('no such session');
    return { data: { session: { nodeUri: slot.node, slot: { id: slot.id } } } };
  }
  if (path === '/session') return { value: open() };
  const [, , id, command] = path.split('/');
  if (method === 'DELETE') {
    const session = sessions.get(id);
    if (session) session.slot.session = null;
    sessions.delete(id);
    return { value: null };
  }
  return { value: command === 'execute' ? execute(id, body.script, body.args) : null };
}

const server = createServer(async (request, response) => {
  const given = await text(request);
  try {
    const found = answer(request.method ?? '', request.url ?? '', given && JSON.parse(given));
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(found));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    response.writeHead(500).end(JSON.stringify({ value: { error: 'unknown error', message } }));
  }
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}`);
});
