import { render, screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { conversation } from "../chat";
import { ChatMessage } from "./ChatMessage";

function show(content: Parameters<typeof conversation>[0]) {
  render(conversation(content).map((message, at) => <ChatMessage key={`${at} ${message.role}`} message={message} />));
  return screen.getAllByRole("article");
}

it("says who speaks, and draws markdown", () => {
  const [system, user, assistant] = show({
    system_instructions: [{ type: "text", content: "Be brief." }],
    input_messages: [{ role: "user", parts: [{ type: "text", content: "你好" }] }],
    output_messages: [{ role: "assistant", parts: [{ type: "text", content: "**您好**" }], finish_reason: "length" }],
  });
  expect(system).toHaveTextContent("System");
  expect(user).toHaveTextContent("User");
  expect(within(assistant as HTMLElement).getByText("您好").tagName).toBe("STRONG");
  expect(assistant).toHaveTextContent("finish: length");
});

it("shows a tool call with its result, once", () => {
  const articles = show({
    input_messages: [
      { role: "assistant", parts: [{ type: "tool_call", id: "c1", name: "search", arguments: { q: "Lyon" } }] },
      { role: "tool", parts: [{ type: "tool_call_response", id: "c1", response: "522,250" }] },
    ],
  });
  expect(articles).toHaveLength(1);
  expect(articles[0]).toHaveTextContent("search");
  expect(articles[0]).toHaveTextContent('"q": "Lyon"');
  expect(articles[0]).toHaveTextContent("522,250");
});

it("draws pictures in the message and names those elsewhere", () => {
  show({
    input_messages: [
      {
        role: "user",
        parts: [
          { type: "blob", mime_type: "image/png", content: "AAAA" },
          { type: "uri", modality: "image", uri: "https://elsewhere.example/x.png" },
        ],
      },
    ],
  });
  expect(screen.getAllByRole("img").map((image) => image.getAttribute("src"))).toEqual(["data:image/png;base64,AAAA"]);
  expect(screen.getByText(/elsewhere\.example/)).toBeInTheDocument();
});
