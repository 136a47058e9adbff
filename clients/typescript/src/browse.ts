/** A guest looks for aprons: suggestions, a page of products, one of them. */

import { answered, guest } from "./client.ts";

const api = guest();

const suggested = await answered(api.GET("/api/products/suggest", { params: { query: { q: "apron" } } }));
console.log("suggested:", suggested.products.length > 0);

const page = await answered(api.GET("/api/products", { params: { query: { search: "apron", per_page: 5 } } }));
console.log("found:", page.total > 0 && page.products.length <= 5);

const apron = await answered(api.GET("/api/products/sku/{sku}", { params: { path: { sku: "AP-1004" } } }));
console.log("bulk price:", apron.bulk_price !== null && apron.bulk_price < apron.unit_price);
