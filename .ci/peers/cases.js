// The forms in which each vendor signs, and which package judges them.
//
// vendor and name, judge, key as reprise takes it, verify as the package takes it where it is another one, wrong a key that must be
// refused, edit what makes a request of the synthetic corpus one of this form.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, globalAgent } from "node:https";
import { join } from "node:path";
import { judges } from "./judges.js";

const header = (q, name, value) => {
  q.headers = q.headers.filter(([known]) => known.toLowerCase() !== name.toLowerCase());
  q.headers.push([name, value]);
};
const isJSON = q => q.body.startsWith("{");
const formed = q => {
  if (isJSON(q)) q.body = new URLSearchParams(JSON.parse(q.body)).toString();
  header(q, "Content-Type", "application/x-www-form-urlencoded");
};
const jsonned = q => {
  if (!isJSON(q)) q.body = JSON.stringify(Object.fromEntries(new URLSearchParams(q.body)));
  header(q, "Content-Type", "application/json");
};

// byGet moves a body's fields into the query.
const byGet = q => {
  formed(q);
  q.method = "GET";
  q.url += "?" + q.body;
  q.headers = q.headers.filter(([name]) => !/^content-/i.test(name));
  delete q.body;
};

// settings is what Twilio sends beside a signature by a SharedKey.
const settings = q => header(q, "X-Twilio-Webhooks-Signature-Settings", "key=webhooks_sharedkey_recorded,algorithm=HMAC_SHA256");
const shared = { key: "webhooks_sharedkey_01k9:a shared secret", verify: "\na shared secret", wrong: "\nanother" };

// oddURL has what URL libraries rewrite.
const oddURL = q => { q.url += "?tenant=It's%20me&a=%27b&c=*~!&empty=&d=%c3%a9"; };

// made is a key that reprise keygen makes, and what it tells the receiver: a setting, or the same secret.
const made = (scheme, ...flags) => async run => {
  const said = await run("keygen", "--scheme", scheme, "-o", "made.key", "--force", ...flags);
  const key = readFileSync(join(run.folder, "made.key"), "utf8");
  const told = /^receiver: (?:[A-Z_]+=)?(\S+)$/m.exec(said);
  return { key, verify: told ? told[1] : key.trim() };
};

// certified is a key for SNS, whose certificate a server on this machine shows, and is shown by.
const certified = async run => {
  const server = createServer();
  await new Promise(done => server.listen(0, "127.0.0.1", done));
  const { key } = await made("sns", "--certificate", "sns.pem", "--certificate-url", `https://localhost:${server.address().port}/sns.pem`)(run);
  const certificate = readFileSync(join(run.folder, "sns.pem"), "utf8");
  server.setSecureContext({ key: key.slice(key.indexOf("-----BEGIN PRIVATE")), cert: certificate });
  server.on("request", (_, response) => response.end(certificate));
  globalAgent.options.ca = certificate;
  return { key, verify: "^localhost:\\d+$", close: () => server.close() };
};
const otherKey = generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");

const whsec = text => "whsec_" + Buffer.from(text).toString("base64");

const twilio = { vendor: "twilio", judge: judges.twilio, key: "an auth token", wrong: "another token\n" };
const plivo = { vendor: "plivo", key: "an auth token", wrong: "another token" };
const plivoV2 = { ...plivo, judge: judges.plivoV2, covers: "url" };
const plivoV3 = { ...plivo, judge: judges.plivoV3 };
const v3 = q => { header(q, "X-Plivo-Signature-V3", "c2ln"); header(q, "X-Plivo-Signature-V3-Nonce", "05429567804466091622"); };
const v2 = q => { header(q, "X-Plivo-Signature-V2", "c2ln"); header(q, "X-Plivo-Signature-V2-Nonce", "05429567804466091622"); };

const vonage = (form, edit, algorithm, name) => ({
  vendor: "vonage", name: `SMS API, ${form}, ${name ?? algorithm}`, edit,
  judge: judges.vonageSMS(algorithm), key: `${name ?? algorithm}:a secret`, verify: "a secret", wrong: "another",
});

// message is a request of the SMS API as one of the Messages API.
const message = q => {
  const sms = JSON.parse(q.body), receipt = "status" in sms;
  const at = sms["message-timestamp"].replace(" ", "T") + "Z", uuid = "aaaaaaaa-bbbb-4ccc-8ddd-" + sms.messageId.slice(-12).toLowerCase();
  const both = { message_uuid: uuid, to: receipt ? sms.msisdn : sms.to, from: receipt ? sms.to : sms.msisdn, timestamp: at, channel: "sms" };
  q.body = JSON.stringify(receipt ? { ...both, status: sms.status } : { ...both, message_type: "text", text: sms.text });
};
const vonageMessages = { vendor: "vonage", judge: judges.vonageMessages, key: "a signature secret of 32 bytes or more", wrong: "another signature secret of 32 bytes", edit: message };

const messagebird = { vendor: "messagebird", key: "a signing key", wrong: "another" };

// The validator asks no key but a pattern of the hosts that certificates may come from.
const sns = { vendor: "aws", judge: judges.sns, key: certified, wrong: "^sns\\.amazonaws\\.com$" };
const version = n => q => { q.body = q.body.replace(/("SignatureVersion"\s*:\s*)"\d"/, `$1"${n}"`); };

export const cases = [
  { ...twilio, name: "auth token, forms" },
  { ...twilio, name: "auth token, by GET", edit: byGet },
  { ...twilio, name: "auth token, JSON with bodySHA256", otherKinds: true, edit: q => { jsonned(q); header(q, "X-Twilio-Signature", "c2ln"); } },
  { ...twilio, name: "auth token, WhatsApp", edit: q => { q.body = q.body.replace(/\b(From|To)=/g, "$1=whatsapp%3A") + "&ProfileName=O%27Neil+%26+Zo%C3%AB&Forwarded=false"; } },
  // The Node package takes each value of a repeated key once, sorted, as Twilio does; of the Go package that is not true.
  { ...twilio, name: "auth token, repeated keys and odd URLs, as captured", raw: true, edit: q => { oddURL(q); q.body += "&Extra=b&Extra=a&Extra=b&Extra="; } },
  { ...twilio, ...shared, name: "SharedKey, forms", edit: settings },
  { ...twilio, ...shared, name: "SharedKey, by GET", edit: q => { byGet(q); settings(q); } },
  { ...twilio, ...shared, name: "SharedKey, JSON with bodySHA256", otherKinds: true, edit: q => { jsonned(q); settings(q); header(q, "X-Twilio-Signature", "c2ln"); } },
  { ...twilio, name: "token and SharedKey, half of each", key: "an auth token\n" + shared.key, verify: "an auth token\na shared secret", wrong: "another\nanother", edit: (q, n) => { if (n % 2) settings(q); } },

  { ...plivoV2, name: "V2, forms", edit: v2 },
  { ...plivoV2, name: "V2, by GET", edit: q => { byGet(q); v2(q); } },
  { ...plivoV3, name: "V3, forms", edit: v3 },
  { ...plivoV3, name: "V3, by GET", edit: q => { byGet(q); v3(q); } },
  { ...plivoV3, name: "V3, forms with a query, as captured", raw: true, edit: q => { q.url += "?tenant=one&b=2&a=3"; v3(q); } },

  vonage("form", formed, "md5hash"),
  vonage("by GET", byGet, "md5hash"),
  vonage("JSON", undefined, "md5hash"),
  vonage("form", formed, "md5"),
  vonage("form", formed, "sha1"),
  vonage("form", formed, "sha256"),
  vonage("JSON", undefined, "sha256"),
  vonage("form", formed, "sha512"),

  { vendor: "telnyx", name: "Ed25519", judge: judges.telnyx, key: made("telnyx"), wrong: otherKey },

  // Receipts come by GET, so both kinds of requests are judged.
  { ...messagebird, name: "JWT", judge: judges.messagebirdJWT },
  { ...messagebird, name: "JWT, as recorded with one", judge: judges.messagebirdJWT, edit: q => header(q, "MessageBird-Signature-JWT", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA") },
  { ...messagebird, name: "older HMAC", judge: judges.messagebird, edit: q => { header(q, "MessageBird-Signature", "c2ln"); header(q, "MessageBird-Request-Timestamp", "1764237600"); } },

  { ...vonageMessages, name: "Messages API" },

  { ...sns, name: "SNS, version 1", edit: version("1") },
  { ...sns, name: "SNS, version 2", edit: version("2") },

  { vendor: "sinch", name: "SMS", judge: judges.sinch, key: "a secret", wrong: "another" },
  { vendor: "sinch-conversation", name: "HMAC", judge: judges.sinchConversation, key: "a secret", wrong: "another" },

  // The package knows v1 alone: what is signed by an Ed25519 key, v1a, no package of a vendor judges.
  { vendor: "svix", name: "v1", edit: q => header(q, "svix-signature", "v1,c2ln"), judge: judges.svix, key: made("svix:v1"), wrong: whsec("another one of 24 bytes or more") },
  { vendor: "standard-webhooks", name: "v1", edit: q => header(q, "webhook-signature", "v1,c2ln"), judge: judges.standardWebhooks, key: whsec("a secret of at least 24 bytes"), wrong: whsec("another one of 24 bytes or more") },
  { vendor: "stripe", name: "v1", judge: judges.stripe, key: "whsec_a_secret", wrong: "whsec_another" },
  { vendor: "shopify", name: "HMAC", judge: judges.shopify, key: "a secret", wrong: "another" },
];
