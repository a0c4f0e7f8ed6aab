// A certified OpenID Connect provider on loopback, for the tests of signing in through one.
//
// usage: node provider.mjs REDIRECT_URI SECONDS
//
// It knows one client and takes every login; SECONDS is the time that its clock begins with, since the tests' stands.
// It prints its issuer, and ends with its standard input.
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const [redirectUri, seconds] = process.argv.slice(2);
const real = Date.now;
const ahead = Number(seconds) * 1000 - real();
Date.now = () => real() + ahead;

const server = createServer((request, response) => provider.callback()(request, response));
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "console",
      client_secret: "a secret/of 32 characters or more",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
  pkce: { required: () => true, methods: ["S256"] },
  cookies: { keys: ["for tests alone"] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      email: `${id}@id.test`,
      email_verified: true,
      name: `The ${id}`,
      preferred_username: id,
    }),
  }),
});

process.stdin.on("end", () => process.exit(0)).resume();
console.log(issuer);
