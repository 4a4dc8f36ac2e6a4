// @rudderstack/rudder-sdk-node as its documentation shows it: node rudderstack-node.mjs KEY HOST
import RudderAnalytics from "@rudderstack/rudder-sdk-node";

const [writeKey, dataPlaneUrl] = process.argv.slice(2);
const client = new RudderAnalytics(writeKey, { dataPlaneUrl });
client.identify({ userId: "u1", traits: { email: "ann@example.com" } });
client.track({ userId: "u1", event: "Product Added", properties: { sku: "TEA" } });
client.page({ userId: "u1", name: "Home" });
client.screen({ userId: "u1", name: "Basket" });
client.group({ userId: "u1", groupId: "g1", traits: { name: "Club" } });
client.alias({ userId: "u1", previousId: "guest-1" });
for (const n of [1, 2, 3, 4, 5]) client.track({ anonymousId: "a1", event: `Batched ${n}` });
await client.flush();
process.exit(0);
