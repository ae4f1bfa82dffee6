//! Who is asked and what is said in the demo: data only.

/// A model and how fast it writes.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) provider: &'static str,
    pub(super) name: &'static str,
    /// Output tokens a second.
    pub(super) speed: f64,
    /// How often it is asked, against the others.
    pub(super) weight: u32,
}

const fn model(provider: &'static str, name: &'static str, speed: f64, weight: u32) -> Model {
    Model { provider, name, speed, weight }
}

pub(super) const MODELS: &[Model] = &[
    model("moonshot_ai", "moonshot-v1-8k", 40.0, 5),
    model("moonshot_ai", "moonshot-v1-32k", 35.0, 3),
    model("moonshot_ai", "kimi-k2-0711-preview", 60.0, 3),
    model("openai", "gpt-4o-mini", 90.0, 4),
    model("openai", "gpt-4o", 60.0, 2),
    model("anthropic", "claude-sonnet-4-20250514", 70.0, 3),
    model("deepseek", "deepseek-chat", 35.0, 2),
    // A model of one's own: there is no price for it, and the pages must say so.
    model("openai", "acme-private-7b", 80.0, 1),
];

/// A question, an answer.
pub(super) const CHATS: &[(&str, &str)] = &[
    (
        "你好，请用三句话介绍一下量子纠缠。",
        "量子纠缠是两个粒子之间的一种**关联**：\n\n1. 测量其中一个会立刻确定另一个的状态；\n2. 这种关联与距离无关；\n3. 它不能用来超光速通信。",
    ),
    ("我的订单 20451 为什么还没有退款？", "您好，退款申请已于昨天通过审核，款项将在 **1–3 个工作日** 内原路返回。"),
    (
        "把这句话翻译成英文：学而时习之，不亦说乎？",
        "\"Is it not a joy to learn and to practise what one has learned?\"",
    ),
    (
        "Explain the difference between a mutex and a semaphore.",
        "A **mutex** has an owner: only the thread that locked it may unlock it.\n\nA *semaphore* counts permits:\n\n```python\nsem = Semaphore(3)\nwith sem:\n    work()\n```",
    ),
    (
        "Write a haiku about columnar storage.",
        "Columns side by side,\nrun lengths whispering of sames —\nthe scan skips the rest.",
    ),
    (
        "Summarise this ticket in one line: printer on floor 3 prints every page twice since Monday.",
        "Floor-3 printer duplicates pages since Monday; likely a driver or queue setting.",
    ),
];

/// Instructions at the head of a chat; none is usual too.
pub(super) const INSTRUCTIONS: &[Option<&str>] = &[
    Some("You are a helpful assistant. Answer briefly."),
    Some("你是 Kimi，由 Moonshot AI 提供的人工智能助手。你更擅长中文和英文的对话。"),
    None,
];

/// A question to a manual, what the vector store gives, the answer.
pub(super) const LOOK_UPS: &[(&str, &str, &str)] = &[
    (
        "如何更换打印机的硒鼓？",
        "第 12 页：打开前盖，等待 30 秒，沿箭头方向拉出硒鼓……",
        "打开前盖后等待约 30 秒，再沿箭头方向拉出旧硒鼓，装入新硒鼓并合上前盖（手册第 12 页）。",
    ),
    (
        "How do I reset the router to factory settings?",
        "p. 41: Hold the reset button for 10 seconds until the power light blinks …",
        "Hold the reset button for 10 seconds until the power light blinks; all settings are lost (p. 41).",
    ),
    (
        "What is the warranty period for batteries?",
        "p. 3: Batteries are consumables. Warranty: 6 months from purchase …",
        "Six months from the date of purchase, since batteries count as consumables (p. 3).",
    ),
];

/// A kind of failure: OpenTelemetry's `error.type`, the SDK's class, the message, the HTTP status.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) class: &'static str,
    pub(super) message: &'static str,
    pub(super) http_status: i64,
}

pub(super) const FAILURES: &[Failure] = &[
    Failure {
        class: "openai.RateLimitError",
        message: "Error code: 429 - max organization concurrency: 3, please try again after 1 seconds",
        http_status: 429,
    },
    Failure { class: "openai.APITimeoutError", message: "Request timed out.", http_status: 408 },
    Failure {
        class: "openai.BadRequestError",
        message: "Error code: 400 - Your request exceeded model token limit: 8192",
        http_status: 400,
    },
];

pub(super) const USERS: &[&str] = &["alice", "bob", "李雷", "韩梅梅", "carol", "dave"];
pub(super) const VECTOR_STORES: &[&str] = &["milvus", "chroma", "qdrant"];
pub(super) const CITIES: &[(&str, &str)] = &[("Lyon", "522,250"), ("Nantes", "323,204"), ("Bordeaux", "261,804")];
