// A visit by the class of examples/sessionManager.js, which is taken as it stands.
// Arguments: the file of the class, the port of the server. Prints what came of it as JSON.
import { readFileSync } from 'node:fs';

const [file, port] = process.argv.slice(2);
const kept = new Map();
globalThis.localStorage = {
  getItem: (key) => (kept.has(key) ? kept.get(key) : null),
  setItem: (key, value) => kept.set(key, String(value)),
  removeItem: (key) => kept.delete(key),
};

const SessionManager = new Function(`${readFileSync(file, 'utf8')}\nreturn SessionManager;`)();

function opened() {
  const manager = new SessionManager();
  // The address stands in the class; the server of a test listens elsewhere.
  manager.apiBase = manager.apiBase.replace(':8000', `:${port}`);
  return manager;
}

const manager = opened();
const before = await manager.getStatus();
await manager.initializeSession();
const begun = manager.sessionId;
const kept_id = localStorage.getItem('chatSessionId');

const updates = [
  await manager.update('conversation_started'),
  await manager.update('message_sent'),
  await manager.update('response_received', { response_time: 1.5 }),
];
// What the components call does not wait for its answer.
manager.onMessageSent();
manager.onConversationStarted();
manager.onResponseReceived(0.9);
let status = await manager.getStatus();
while (status.total_messages_sent < 2 || status.total_conversations < 2
       || status.average_response_time !== 1.2) {
  status = await manager.getStatus();
}

// The page was loaded anew: what was kept leads back to the same session.
const reloaded = opened();
const remembered = reloaded.sessionId;
await reloaded.initializeSession();

const ended = await reloaded.end();
const again = await reloaded.end();
const history = await reloaded.getHistory();
const after = await reloaded.getStatus();
console.log(JSON.stringify({
  before, begun, kept_id, updates, status, remembered, resumed: remembered === begun, ended,
  again: again === undefined, history, after, left: localStorage.getItem('chatSessionId'),
}));
