import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds a real server. */
const SERVER = process.env.PELLUCID_SERVER ?? "http://127.0.0.1:9529";

/** Packages that every page needs, apart from the app's own code: they change less often. */
const VENDOR =
  /node_modules\/(react|react-dom|scheduler|@tanstack\/(react-query|query-core|react-router|router-core|history)|i18next|react-i18next)\//;

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { port: 5173, proxy: { "/api": SERVER, "/otel": SERVER } },
  build: {
    target: "es2022",
    // For a strict content security policy: nothing inline, no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rollupOptions: {
      output: {
        manualChunks(id: string) {
          if (/node_modules\/(echarts|zrender)\//.test(id)) return "echarts";
          return VENDOR.test(id) ? "vendor" : undefined;
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["./testing/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}", "testing/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
