/** A guest's order is paid by card: an intent of ours, the card at Stripe's, its webhook to us. */

import { paidByCard, placed } from "./flows.ts";

const order = await placed("credit_card");
console.log("to pay:", order.balance === order.total_amount);
console.log("now:", await paidByCard(order));
