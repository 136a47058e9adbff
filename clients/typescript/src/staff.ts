/** Staff: an order goes out, a part of its money goes back, and a check is looked at. */

import { answered, staff } from "./client.ts";
import { paidByCard, placed } from "./flows.ts";

const warehouse = await staff("warehouse");
const office = await staff("manager");

const order = await placed("credit_card");
await paidByCard(order);
const byNumber = { params: { path: { order_number: order.order_number } } };
const byId = { params: { path: { order_id: order.id } } };

const confirmed = await answered(warehouse.POST("/api/shipping/orders/{order_number}/confirm", byNumber));
const packed = await answered(
  warehouse.PUT("/api/staff/orders/{order_id}/status", { ...byId, body: { status: "packed" } }),
);
const parcel = { tracking_number: "9400111899223197428490", carrier: "USPS" };
const shipped = await answered(
  warehouse.POST("/api/shipping/orders/{order_number}/ship", { ...byNumber, body: parcel }),
);
console.log("went:", confirmed.order.status, packed.order.status, shipped.order.status);

const refund = { amount: 5, reason: "One was dented" };
const refunded = await answered(office.POST("/api/staff/orders/{order_id}/refund", { ...byId, body: refund }));
console.log("then:", refunded.order.payment_status, refunded.order.balance);

// A picture goes in a form.
const byCheck = await placed("check");
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC";
const picture = new Blob([Buffer.from(pixel, "base64")], { type: "image/png" });
await answered(
  office.POST("/api/payments/upload-check", {
    body: { order_number: byCheck.order_number, check_front: "" },
    bodySerializer({ order_number }) {
      const form = new FormData();
      form.set("order_number", order_number);
      form.set("check_front", picture, "check.png");
      return form;
    },
  }),
);
const checked = { params: { path: { order_number: byCheck.order_number } } };
await answered(office.POST("/api/staff/checks/{order_number}/approve", { ...checked, body: { number: "1207" } }));
const seen = await answered(office.GET("/api/staff/orders/{order_id}", { params: { path: { order_id: byCheck.id } } }));
console.log("the check's order:", seen.order.status, seen.order.payment_status);
