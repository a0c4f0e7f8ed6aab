// Asks Switchroom whether a token that a client has presented is good.
//
//   node verify_token.mjs TOKEN [USER [CHANNEL]]        (Node 18 or later)
//
// Exits with 0 when it is, 1 when it is not (the reason is printed), 2 when that is not known.
import { argv, env, exit } from 'node:process';

const url = env.SWITCHROOM_URL; // such as https://console.example.com
const apiKey = env.SWITCHROOM_API_KEY; // swr_..., with the permission tokens:verify
const app = env.SWITCHROOM_APP; // the SDKAppID, such as 1400000001

// Answers what is known of a token. What is given beside it must fit it: always give the user and
// the channel that the client claims, or a token of somebody else, or for another channel, is as
// good.
const verify = async (token, user, channel) => {
  const response = await fetch(`${url}/v1/apps/${app}/tokens/verify`, {
    method: 'POST',
    headers: { 'Authorization': `Bearer ${apiKey}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ token, user, channel }),
    signal: AbortSignal.timeout(10_000),
  });
  // Such as a key without the permission.
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
};

const [token, user, channel] = argv.slice(2);
const verdict = await verify(token, user, channel).catch(error => {
  console.error('not known:', error.message);
  exit(2);
});
if (!verdict.valid) {
  // One of: malformed, wrong_app, wrong_user, wrong_channel, expired, not_yet_valid,
  // bad_signature, retired_key, missing_privilege, app_disabled, service_disabled.
  console.error('refused:', verdict.reason);
  exit(1);
}
console.log(verdict.claims); // What the token says: whom it is for, until when, what it allows.
