//! The wordings of the help for developers.

texts! {
    help_clients = "接入服务器", "Connect your servers";
    help_clients_link = "查看接入方法", "See how to connect your servers";
    help_clients_lead = "服务器上报事件，统计页面据此计数；服务器还可以校验客户端出示的 Token。下面的程序只用标准库，复制即可运行。", "Your servers report events, which become figures, and check the tokens that clients present. The programs below need nothing but the standard library and run as they are.";
    help_begin = "开始之前", "Before you begin";
    help_key(scopes: &str) = "创建 API 密钥，勾选这些权限：{scopes}。", "Create an API key with these permissions: {scopes}.";
    help_key_ask = "密钥由所有者或管理员创建，请联系他们。", "Owners and admins create keys: ask one of them.";
    help_variables = "在运行程序的终端里设置三个环境变量，填入应用的 SDKAppID 和密钥。", "Set three variables where the program runs, with the SDKAppID of your app and the key.";
    help_variables_name = "环境变量", "Variables";
    help_run = "选择语言，将程序保存为文件并运行。随后打开应用的统计页面，在「自定义」中选择包含今天的日期查看数据；其他时间范围截至昨天。", "Choose a language, save its program as a file and run it. Then open the statistics of the app and choose custom days with today among them: the other ranges end yesterday.";
    help_languages = "编程语言", "Languages";
    help_report = "上报事件", "Report events";
    help_report_words = "指定的文件不存在时，程序先写入一批示例事件。文件名就是这批事件的幂等键：再次发送同一文件，不会重复计数。示例事件会计入统计，请先用测试应用尝试。", "Where the file does not exist, the program fills it with sample events. Its name is the idempotency key of the batch: the same file sent again counts nothing. Samples do count, so begin with an app for tests.";
    help_verify = "校验 Token", "Check a token";
    help_verify_words = "始终给出客户端声称的用户和频道，否则其他用户或其他频道的 Token 也会通过。有效时退出码为 0；无效时为 1，并输出原因；无法判断时为 2。", "Always give the user and the channel that the client claims, or a token of somebody else passes. The exit code is 0 for a good token, 1 for a bad one, with the reason, and 2 when nobody could be asked.";
    help_copy(what: &str) = "复制 {what}", "Copy {what}";
    help_copy_variables = "复制环境变量", "Copy the variables";
    help_events = "事件类型", "Types of events";
    help_events_words = "每个事件还有 type，以及发生时间 at（RFC 3339 格式，最多早于现在 30 天、晚于现在 5 分钟）。带 ? 的字段可以省略。名称为 1–64 字节，不含控制字符；数字为 0 到 1,000,000,000 的整数。不认识的字段会被忽略。", "Each event also has its type, and at: when it happened, by RFC 3339, at most 30 days ago and 5 minutes ahead. Fields with ? may be left out. Names have 1–64 bytes and no control characters; numbers are whole, from 0 to 1,000,000,000. Unknown fields are passed over.";
    help_user_registered = "用户注册。同一用户只计最早的一次。", "A user came into being. The earliest one counts, repeats do not.";
    help_user_login = "用户登录。", "A user logged in.";
    help_online_sampled = "每个节点每分钟上报一次当前在线人数，source 是节点名。", "Once a minute, how many users a node has online now; source names the node.";
    help_message_sent = "用户发送 count 条消息，送达 deliveries 份，APNs 推送 apns 次。scope 为 c2c 或 group，为 group 时须有 group。", "A user sent count messages; deliveries copies arrived, apns were pushed. scope is c2c, or group, which needs the field group.";
    help_group_created = "创建群组。", "A group was created.";
    help_group_destroyed = "解散群组。", "A group was disbanded.";
    help_group_joined = "用户入群。", "A user joined a group.";
    help_group_quit = "用户退群。", "A user left a group.";
    help_friend_added = "两个用户成为好友，每对只报一次。", "Two users became friends: once for the pair.";
    help_friend_removed = "两个用户解除好友关系。", "Two users are friends no more.";
    help_room_joined = "用户进入房间。stay 标识这次停留，在应用内唯一。", "A user entered a room. stay names this visit and is unique in the app.";
    help_room_left = "用户离开房间，stay 与进入时相同。", "The user left it, with the stay of entering.";
    help_room_usage = "计费时长，例如每分钟一次或离开时上报。pixels 为订阅视频的总像素，仅音频为 0。service 为 rtc、recording、relay 或 mini_program。", "Metered seconds, such as every minute or on leaving. pixels is the size of all subscribed video, 0 for audio alone; service is rtc, recording, relay or mini_program.";
    help_rules = "上报规则", "Rules";
    help_idempotency = "幂等键", "Idempotency key";
    help_idempotency_words = "1–255 个可见 ASCII 字符。同一个键和同样的内容只计一次，重发得到同样的结果；内容不同时返回 409。键至少保留 7 天。", "1–255 visible ASCII characters. The same key with the same content counts once and answers the same; with other content it is 409. Keys are kept for at least 7 days.";
    help_retries = "重试", "Retries";
    help_retries_words = "没有应答，或返回 429、5xx 时，用同一个键重发同样的内容。等待 Retry-After 指定的秒数，没有则每次加倍。", "After no answer, 429 or 5xx, send the same content again under the same key. Wait as long as Retry-After says, or twice as long each time.";
    help_refusals = "拒绝", "Refusals";
    help_refusals_words = "有一个事件不正确，整批都不计数。422 列出前 20 处错误：事件序号（从 0 开始）、字段和原因。", "One wrong event, and nothing of its batch is counted. 422 names the first 20 faults by index (from 0), field and reason.";
    help_size = "大小", "Size";
    help_size_words(events: &str) = "每批最多 {events} 个事件，解压后最多 8 MiB，超出返回 413。请攒成一批再发，例如每几秒一次。", "At most {events} events and 8 MiB, decompressed, are a batch; beyond it is 413. Gather events and send them every few seconds.";
    help_format = "格式", "Format";
    help_format_words = "application/json，或每行一个事件的 application/x-ndjson。可以用 gzip 压缩（Content-Encoding: gzip）。", "application/json, or application/x-ndjson with an event a line. Either may be compressed (Content-Encoding: gzip).";
}
