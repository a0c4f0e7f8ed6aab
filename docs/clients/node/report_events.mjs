// Reports what happened in an app to Switchroom, which counts it for the app's statistics.
//
//   node report_events.mjs node1-000017.json        (Node 18 or later)
//
// A batch of events is a file, and the file's name is the batch's idempotency key: however often
// a batch is sent under its key, it counts once. So whatever went wrong, send the same file again.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { argv, env, exit } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const url = env.SWITCHROOM_URL; // such as https://console.example.com
const apiKey = env.SWITCHROOM_API_KEY; // swr_..., with the permission events:write
const app = env.SWITCHROOM_APP; // the SDKAppID, such as 1400000001
const [TRIES, LONGEST_WAIT_S] = [6, 60];

// Some events. Your own have the times at which they happened.
const sample = stay => {
  const alice = { at: new Date().toISOString(), user: 'alice' };
  return [
    { type: 'user.registered', ...alice },
    { type: 'user.login', ...alice, platform: 'ios' },
    { type: 'online.sampled', at: alice.at, source: 'node-1', count: 42 },
    { type: 'message.sent', ...alice, scope: 'c2c', deliveries: 1 },
    { type: 'room.joined', ...alice, room: 'class-7', stay },
    { type: 'room.usage', ...alice, room: 'class-7', seconds: 60, pixels: 1280 * 720 },
  ];
};

// Sends a batch until there is an answer: always the same bytes under the same key.
const send = async (key, body) => {
  const headers = {
    'Authorization': `Bearer ${apiKey}`, 'Idempotency-Key': key, 'Content-Type': 'application/json',
  };
  for (let attempt = 0; attempt < TRIES; attempt++) {
    let waitS = 2 ** attempt;
    try {
      const signal = AbortSignal.timeout(30_000);
      const endpoint = `${url}/v1/apps/${app}/events`;
      const response = await fetch(endpoint, { method: 'POST', headers, body, signal });
      const text = await response.text();
      if (response.status !== 429 && response.status < 500) return [response.status, text];
      waitS = Number(response.headers.get('retry-after')) || waitS;
    } catch (error) {
      console.error('no answer:', error.cause?.code ?? error.name);
    }
    if (attempt < TRIES - 1) await sleep(1_000 * Math.min(waitS, LONGEST_WAIT_S));
  }
  return [0, 'not sent: no answer, or too busy. Send it again later, under the same key.'];
};

const batch = argv[2];
const key = basename(batch, '.json');
if (!existsSync(batch)) writeFileSync(batch, JSON.stringify({ events: sample(`stay-${key}`) }));
const [status, text] = await send(key, readFileSync(batch));
// {"accepted":6,"duplicate":false}: on the server's disk. The file can be deleted now.
if (status === 200) console.log(text);
// Nothing was counted. 422 names the events that are wrong: index (from 0), field, reason.
else console.error(status, text), exit(1);
