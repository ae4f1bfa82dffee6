import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { statusQuery } from "@/api/status";
import { Skeleton } from "@/components/core/States";

const OverviewPage = lazy(() =>
  import("@/features/overview/OverviewPage").then(({ OverviewPage }) => ({ default: OverviewPage })),
);
const ConnectPage = lazy(() =>
  import("@/features/connect/ConnectPage").then(({ ConnectPage }) => ({ default: ConnectPage })),
);

/** How to connect while nothing has ever arrived; the overview from the first span on. */
export function Home() {
  const { data } = useQuery(statusQuery);
  return (
    <Suspense fallback={<Skeleton rows={12} className="p-6" />}>
      {data?.empty ? <ConnectPage /> : <OverviewPage />}
    </Suspense>
  );
}
