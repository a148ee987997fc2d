// The forms in which each vendor signs, and which package judges them.
//
// vendor and name, judge, key as reprise takes it, verify as the package takes it where it is another one, wrong a key that must be
// refused, edit what makes a request of the synthetic corpus one of this form.
import { generateKeyPairSync } from "node:crypto";
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

const pair = () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return [privateKey.export({ type: "pkcs8", format: "pem" }), publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64")];
};
const [telnyxKey, telnyxPublic] = pair(), [, telnyxOther] = pair();

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

  { vendor: "telnyx", name: "Ed25519", judge: judges.telnyx, key: telnyxKey, verify: telnyxPublic, wrong: telnyxOther },

  { vendor: "messagebird", name: "older HMAC, forms", judge: judges.messagebird, key: "a signing key", wrong: "another" },

  { vendor: "sinch", name: "SMS", judge: judges.sinch, key: "a secret", wrong: "another" },
  { vendor: "sinch-conversation", name: "HMAC", judge: judges.sinchConversation, key: "a secret", wrong: "another" },

  // The package knows v1 alone: what is signed by an Ed25519 key, v1a, no package of a vendor judges.
  { vendor: "svix", name: "v1", edit: q => header(q, "svix-signature", "v1,c2ln"), judge: judges.svix, key: whsec("a secret of at least 24 bytes"), wrong: whsec("another one of 24 bytes or more") },
  { vendor: "standard-webhooks", name: "v1", edit: q => header(q, "webhook-signature", "v1,c2ln"), judge: judges.standardWebhooks, key: whsec("a secret of at least 24 bytes"), wrong: whsec("another one of 24 bytes or more") },
  { vendor: "stripe", name: "v1", judge: judges.stripe, key: "whsec_a_secret", wrong: "whsec_another" },
  { vendor: "shopify", name: "HMAC", judge: judges.shopify, key: "a secret", wrong: "another" },
];
