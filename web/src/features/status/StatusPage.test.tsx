import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { open, Refusal, serve } from "../../../testing/render";
import { StatusPage } from "./StatusPage";

const status = {
  version: "0.1.0",
  uptime_s: 90,
  empty: false,
  auth: false,
  project: "default",
  store: { rows: { spans: 1234, logs: 0, metrics: 0 }, files: 1, disk_bytes: 2048, memory_bytes: 0, wal_bytes: 0 },
  senders: [],
};

const sender = (more = {}) => ({
  service_name: "shop",
  scope_name: "openlit",
  scope_version: "1.45",
  sdk: "opentelemetry python 1.30",
  rows: 5000,
  rows_read: 2000,
  unrecognised_rows: 0,
  dialects: ["openlit"],
  flags: [],
  keys: [],
  keys_left_out: false,
  ...more,
});

const window = { from: "2025-11-23T12:00:00Z", to: "2025-11-24T12:00:00Z" };
const report = (items: unknown[]) => ({ items, senders_left_out: false, rows_a_sender: 2000, window });

const show = (answer: unknown) => {
  serve({ status, "reports/unmapped": answer });
  return open("/", <StatusPage />);
};

it("lists what nobody mapped with a sample, and what was odd", async () => {
  const key = {
    key: "gen_ai.brand.new",
    count: 12,
    sample: "a value",
    first_seen: "2025-11-24T10:00:00Z",
    last_seen: "2025-11-24T11:00:00Z",
  };
  const flags = [
    { flag: "time_unit", count: 3 },
    { flag: "of_a_newer_server", count: 1 },
  ];
  await show(report([sender({ keys: [key], flags, unrecognised_rows: 4 })]));
  expect(await screen.findByText("gen_ai.brand.new")).toBeInTheDocument();
  expect(screen.getByText("a value")).toBeInTheDocument();
  expect(screen.getByText("1 attribute unmapped")).toBeInTheDocument();
  expect(screen.getByText("4 spans of no known dialect")).toBeInTheDocument();
  expect(screen.getByText("times not in nanoseconds (3), of_a_newer_server (1)")).toBeInTheDocument();
  expect(screen.getByText("2,000 of 5,000 spans read")).toBeInTheDocument();
});

it("says that everything is mapped, which is not the same as nobody sending", async () => {
  await show(report([sender()]));
  expect(await screen.findByText("Everything is mapped")).toBeInTheDocument();
  expect(screen.getByText("shop")).toBeInTheDocument();
});

it("says that nobody sent anything", async () => {
  await show(report([]));
  expect(await screen.findByText("No sender in this time range")).toBeInTheDocument();
});

it("keeps the rest of the page when the report fails", async () => {
  await show(new Refusal(400, "from is no time"));
  expect(await screen.findByText("from is no time")).toBeInTheDocument();
  expect(screen.getByText("0.1.0")).toBeInTheDocument();
});
