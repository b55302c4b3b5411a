// A small connector in Node, with Node's own fetch and no package: every prospect becomes a lead, changes follow it.
//
//     leadproof run demo --connector "node docs/connectors/node_sync.mjs"

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FIELDS = {
  email: "Email",
  first_name: "FirstName",
  last_name: "LastName",
  company: "Company",
  phone: "Phone",
  country: "Country",
  source: "LeadSource",
  score: "Score__c",
};

/** One side's own API: call(method, path, body) answers the parsed body, or throws what was refused. */
function system(side) {
  const told = (name) => process.env[`LEADPROOF_${side.toUpperCase()}_${name}`];
  const base = `${told("URL")}/${told("ORG")}/${side}/v1/`;
  const login = Buffer.from(`${told("USERNAME")}:${told("PASSWORD")}`).toString("base64");
  const headers = { authorization: `Basic ${login}`, "content-type": "application/json" };
  return async (method, path, body) => {
    const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
}

const state = join(process.env.LEADPROOF_STATE_DIR, "cursor.txt");
const [crm, marketing] = [system("crm"), system("marketing")];
let cursor = existsSync(state) ? readFileSync(state, "utf8") : "";
let page;
do {
  page = await marketing("GET", `changes/prospect${cursor && `?since=${encodeURIComponent(cursor)}`}`);
  for (const { id, values: held } of page.records) {
    const values = { LastName: "Unknown", Company: "Unknown" };
    for (const [here, there] of Object.entries(FIELDS)) if (held[here] != null) values[there] = held[here];
    const lead = await crm("PUT", `records/Lead/by/MarketingId__c/${id}`, { values });
    if (held.crm_id !== lead.id) await marketing("PATCH", `records/prospect/${id}`, { values: { crm_id: lead.id } });
  }
  cursor = String(page.next);
  writeFileSync(state, cursor);
} while (page.more);
