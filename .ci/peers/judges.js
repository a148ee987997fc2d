// The vendors' own packages, each as a judge of requests: what it is told, whether it accepts.
//
// A judge takes a request and a key, and returns true where the package accepts it; an error counts as a refusal, with its reason. A
// request has method, path (with its query, as sent), url (the public one), headers (names in lower case), body (a Buffer), text (the
// same as UTF-8) and params(), the fields of a form as receivers decode them.
import { createHash, createSecretKey } from "node:crypto";
import { parse as parseQuery } from "node:querystring";
import "@shopify/shopify-api/adapters/node";
import { ApiVersion, LogSeverity, shopifyApi } from "@shopify/shopify-api";
import { ConversationCallbackWebhooks, SmsCallbackWebhooks } from "@sinch/sdk-core";
import { verifySignature } from "@vonage/jwt";
import { SMS } from "@vonage/sms";
import messagebird from "messagebird/lib/signature.js";
import messagebirdJWT from "messagebird/lib/webhook-signature-jwt.js";
import plivo from "plivo";
import { Webhook as StandardWebhook } from "standardwebhooks";
import MessageValidator from "sns-validator";
import Stripe from "stripe";
import { Webhook as SvixWebhook } from "svix";
import Telnyx from "telnyx";
import twilio from "twilio";

// request wraps what Node's server received.
export function request(message, body) {
  const url = `https://${message.headers.host}${message.url}`;
  return {
    method: message.method, path: message.url, url, headers: message.headers, body, text: body.toString(),
    query: () => ({ ...parseQuery(message.url.split("?")[1] ?? "") }),
    params: () => ({ ...parseQuery(body.toString()) }),
  };
}

// middleware asks an Express middleware; a receiver has parsed a form into body, and keeps the text of all else in rawBody.
function middleware(hook, q) {
  return new Promise((accept, refuse) => {
    const form = /x-www-form-urlencoded/.test(q.headers["content-type"]);
    const response = { type: () => response, status: () => response, send: text => refuse(new Error(text)) };
    hook({
      method: q.method, protocol: "https", originalUrl: q.path, headers: q.headers, header: name => q.headers[name.toLowerCase()],
      body: form ? q.params() : {}, rawBody: q.text,
    }, response, () => accept(true));
  });
}

export const judges = {
  // The key is the auth token, and behind a line end the secret of a SharedKey, whose requests carry the settings header.
  twilio: (q, key) => {
    const [authToken, sharedKeySecret] = key.split("\n");
    // By itself, the middleware turns each %3F of the query, a text's question mark, into ?: a receiver of GETs has to give it the URL.
    const url = q.method === "GET" ? q.url : undefined;
    return middleware(twilio.webhook(authToken, { sharedKeySecret, url }), q);
  },

  // V2 covers neither the query nor the body; V3 covers all but the header names.
  plivoV2: (q, key) => plivo.validateSignature(q.url, q.headers["x-plivo-signature-v2-nonce"], q.headers["x-plivo-signature-v2"], key),
  plivoV3: (q, key) => plivo.validateV3Signature(q.method, q.url, q.headers["x-plivo-signature-v3-nonce"], key, q.headers["x-plivo-signature-v3"], q.params()),

  // The package leaves the age of the time stamp to its caller: five minutes, as Vonage's Java package has it.
  vonageSMS: algorithm => (q, key) => {
    const json = /json/.test(q.headers["content-type"]);
    const params = q.method === "GET" ? q.query() : json ? JSON.parse(q.text) : q.params();
    if (Math.abs(Date.now() / 1000 - params.timestamp) > 300) throw new Error("the timestamp is old");
    return new SMS({ apiKey: "unused", apiSecret: "unused" }).verifySignature(params.sig, params, key, algorithm === "md5hash" ? "MD5HASH" : algorithm.toUpperCase() + "HMAC");
  },
  // The package checks the token; the body's hash is in it, for the caller to compare.
  vonageMessages: (q, key) => {
    const token = q.headers.authorization.replace(/^Bearer /, "");
    const claims = JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
    if (claims.payload_hash !== createHash("sha256").update(q.body).digest("hex")) throw new Error("another body");
    if (Math.abs(Date.now() / 1000 - claims.iat) > 300) throw new Error("iat is old");
    return verifySignature(token, key);
  },

  telnyx: async (q, key) => Boolean(await new Telnyx({ apiKey: "unused", publicKey: key }).webhooks.unwrap(q.text, { headers: q.headers })),

  messagebird: (q, key) => messagebird.validate({ headers: q.headers, query: q.query(), body: q.text }, key),
  messagebirdJWT: (q, key) => messagebirdJWT.verify(q.url, q.body, q.headers["messagebird-signature-jwt"], createSecretKey(Buffer.from(key))),

  // The package fetches the certificate that a message names; its own pattern of hosts is Amazon's.
  sns: (q, hosts) => new Promise((accept, refuse) => new MessageValidator(new RegExp(hosts)).validate(q.text, (err, said) => err ? refuse(err) : accept(Boolean(said)))),

  sinch: (q, key) => new SmsCallbackWebhooks(key).validateAuthenticationHeader(q.headers, q.text),
  sinchConversation: (q, key) => new ConversationCallbackWebhooks(key).validateAuthenticationHeader(q.headers, q.text),

  svix: (q, key) => new SvixWebhook(key).verify(q.text, q.headers) !== undefined,
  standardWebhooks: (q, key) => new StandardWebhook(key).verify(q.text, q.headers) !== undefined,
  stripe: (q, key) => Boolean(new Stripe("sk_test_unused").webhooks.constructEvent(q.body, q.headers["stripe-signature"], key)),
  shopify: async (q, key) => {
    const shop = shopifyApi({
      apiKey: "unused", apiSecretKey: key, hostName: "hooks.example.com", isEmbeddedApp: false, apiVersion: Object.values(ApiVersion).at(-1), logger: { level: LogSeverity.Error },
    });
    const said = await shop.webhooks.validate({ rawBody: q.text, rawRequest: { headers: q.headers, method: q.method, url: q.path }, rawResponse: {} });
    if (!said.valid) throw new Error(`${said.reason} ${said.missingHeaders ?? ""}`);
    return true;
  },
};
