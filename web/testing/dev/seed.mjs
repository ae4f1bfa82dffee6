// Sends the day of day.mjs to a running server: node testing/dev/seed.mjs http://127.0.0.1:9529 600
import { day, request } from "./day.mjs";

const [server = "http://127.0.0.1:9529", amount = "600"] = process.argv.slice(2);

for (const [app, spans] of day(Number(amount))) {
  const answer = await fetch(`${server}/otel/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request(app, spans)),
  });
  console.log(app, spans.length, answer.status, (await answer.text()).slice(0, 200));
}
