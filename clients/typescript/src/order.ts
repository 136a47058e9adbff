/** A customer asks what it would cost, and orders on terms: twice with one key, once placed. */

import { answered, customer, Refused } from "./client.ts";
import { DELIVERY } from "./flows.ts";

const api = await customer();
const items = [
  { sku: "AP-1004", quantity: 2 },
  { sku: "AP-1008", quantity: 2 },
];

const quote = await answered(api.POST("/api/orders/quote", { body: { items } }));
console.log("why:", quote.lines[0]?.why);
console.log("on terms:", quote.terms?.approved);

const params = { header: { "Idempotency-Key": `client-${crypto.randomUUID()}` } };
const place = () => answered(api.POST("/api/orders", { params, body: { items, ...DELIVERY } }));
const [first, again] = [await place(), await place()];
console.log("placed once:", first.order.order_number === again.order.order_number);

try {
  await answered(api.POST("/api/orders", { body: { items: [], ...DELIVERY } }));
} catch (refusal) {
  if (!(refusal instanceof Refused)) throw refusal;
  console.log("refused:", refusal.code);
}
