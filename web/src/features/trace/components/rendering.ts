import { createContext } from "react";

/** Whether text is drawn as markdown or shown as it was sent. */
export const Rendering = createContext<"rendered" | "source">("rendered");
