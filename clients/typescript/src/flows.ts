/** What several programs do on their way. */

import type { components } from "./api.d.ts";
import { answered, guest, type Api } from "./client.ts";

export type Order = components["schemas"]["PlacedAnswer"]["order"];

const SANDBOX_URL = process.env["SANDBOX_URL"] ?? "http://127.0.0.1:8001";

export const DELIVERY = {
  delivery_name: "Ana Ruiz",
  delivery_address: "1845 S Blue Island Ave",
  delivery_city: "Chicago",
  delivery_state: "IL",
  delivery_zip: "60608",
  delivery_email: "ana@lamilpa.example",
};

/** One product of the demo data, ordered by a guest. */
export async function placed(
  payment_method: components["schemas"]["CheckoutMethod"],
  sku = "AP-1012",
  api: Api = guest(),
): Promise<Order> {
  const body = { ...DELIVERY, items: [{ sku, quantity: 1 }], payment_method };
  const { order } = await answered(api.POST("/api/orders", { body }));
  return order;
}

/** The order once Stripe, here the sandbox, has taken the money and its webhook has come. */
export async function paidByCard(order: Order): Promise<Order["payment_status"]> {
  const api = guest();
  const body = { order_number: order.order_number, amount: order.balance };
  const { payment_intent_id } = await answered(api.POST("/api/payments/create-intent", { body }));
  await fetch(`${SANDBOX_URL}/_sandbox/stripe/payment_intents/${payment_intent_id}/pay`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ payment_method: "pm_card_visa" }),
  });
  for (let tries = 0; tries < 100; tries++) {
    const path = { order_number: order.order_number };
    const seen = await answered(api.GET("/api/orders/{order_number}", { params: { path } }));
    if (seen.order.payment_status === "paid") return "paid";
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return "unpaid";
}
