/** The pages Sessions and Users, in both languages. */
export const sessionsEn = {
  none: "No session in this time range",
  noneHint: "A session is what an application names one: session.id, gen_ai.conversation.id, or its SDK's own word.",
  missing: "This session is not here (any more).",
  missingHint: "It may have been deleted, or have outlived its retention.",
  first: "First question",
  turns: "Turns",
  turn: "Turn {{number}}",
  length: "Length",
  last: "Last activity",
  tools_one: "{{count}} tool call",
  tools_other: "{{count}} tool calls",
  silent: "no text was sent",
  more: "Show more: {{shown}} of {{total}} turns",
  end: "End of the session",
};

export const usersEn = {
  none: "No user in this time range",
  noneHint: "A user is whom an application names: user.id, enduser.id, or its SDK's own word.",
  first: "First seen",
  last: "Last seen",
};

export const orderEn = {
  label: "Order",
  time: "Latest",
  cost: "Cost",
  tokens: "Tokens",
  calls: "Calls",
  errors: "Errors",
};

export const sessionsZh: Record<keyof typeof sessionsEn, string> = {
  none: "该时间范围内没有会话",
  noneHint: "会话由应用自己命名：session.id、gen_ai.conversation.id，或其 SDK 的对应字段。",
  missing: "该会话不存在或已不存在。",
  missingHint: "它可能已被删除，或已超过保留期限。",
  first: "首个问题",
  turns: "轮次",
  turn: "第 {{number}} 轮",
  length: "时长",
  last: "最近活动",
  tools_one: "{{count}} 次工具调用",
  tools_other: "{{count}} 次工具调用",
  silent: "没有发送文本",
  more: "显示更多：已显示 {{shown}} / {{total}} 轮",
  end: "会话结束",
};

export const usersZh: Record<keyof typeof usersEn, string> = {
  none: "该时间范围内没有用户",
  noneHint: "用户由应用自己命名：user.id、enduser.id，或其 SDK 的对应字段。",
  first: "首次出现",
  last: "最近出现",
};

export const orderZh: Record<keyof typeof orderEn, string> = {
  label: "排序",
  time: "最近",
  cost: "费用",
  tokens: "Token",
  calls: "调用",
  errors: "错误",
};
