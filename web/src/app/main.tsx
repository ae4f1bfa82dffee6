import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isFinal } from "@/api/error";
import { startI18n } from "@/i18n";
import { ClockProvider } from "@/lib/clock";
import { applyTheme, followSystem, readTheme } from "@/lib/prefs";
import { router } from "./router";
import "@/styles/base.css";

applyTheme(readTheme());
followSystem();
startI18n();

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // Every refresh asks about another window, so old answers would pile up.
      gcTime: 60_000,
      retry: (failures, error) => !isFinal(error) && failures < 2,
      refetchOnWindowFocus: false,
    },
  },
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <ClockProvider>
          <RouterProvider router={router} />
        </ClockProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}
