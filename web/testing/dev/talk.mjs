// Who is asked, and what is said: data of day.mjs.

export const MODELS = [
  { provider: "moonshot_ai", model: "moonshot-v1-8k", tps: 40, weight: 5 },
  { provider: "moonshot_ai", model: "kimi-k2-0711-preview", tps: 60, weight: 3 },
  { provider: "openai", model: "gpt-4o-mini", tps: 90, weight: 4 },
  { provider: "openai", model: "gpt-4o", tps: 60, weight: 2 },
  { provider: "anthropic", model: "claude-sonnet-4-20250514", tps: 70, weight: 3 },
  { provider: "deepseek", model: "deepseek-chat", tps: 35, weight: 2 },
  { provider: "openai", model: "acme-private-7b", tps: 80, weight: 1 },
];
export const APPS = ["kimi_openlit_flask", "support-bot", "docs-rag", "research-agent"];
export const TALK = [
  [
    "你好，请用三句话介绍一下量子纠缠。",
    "量子纠缠是两个粒子之间的一种**关联**：\n\n1. 测量其中一个会立刻确定另一个的状态；\n2. 这种关联与距离无关；\n3. 它不能用来超光速通信。",
  ],
  ["我的订单 20451 为什么还没有退款？", "您好，退款申请已于昨天通过审核，款项将在 **1–3 个工作日** 内原路返回。"],
  [
    "Explain the difference between a mutex and a semaphore.",
    "A **mutex** has an owner: only the thread that locked it may unlock it.\n\nA *semaphore* counts permits:\n\n```python\nsem = Semaphore(3)\nwith sem:\n    work()\n```\n\n| | mutex | semaphore |\n|---|---|---|\n| owner | yes | no |\n| count | 1 | n |",
  ],
  [
    "Write a haiku about columnar storage.",
    "Columns side by side,\nrun lengths whispering of sames —\nthe scan skips the rest.",
  ],
  [
    "Translate to French: <b>good morning</b> <script>alert(1)</script>",
    "**Bonjour** — the tags `<b>` were left as they are: <b>bonjour</b>",
  ],
];
export const SYSTEM = [
  "You are a helpful assistant. Answer briefly.",
  "你是 Kimi，由 Moonshot AI 提供的人工智能助手。",
  undefined,
];
