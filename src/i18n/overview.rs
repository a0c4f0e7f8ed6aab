//! The wordings of the overviews and of figures.

texts! {
    overview = "概览", "Overview";
    overview_lead(workspace: &str, zone: &str) = "{workspace} · 日期按 {zone} 时区计算", "{workspace} · Days follow {zone} time";
    first_steps = "快速开始", "First steps";
    steps_done(done: usize, all: usize) = "已完成 {done} / {all}", "{done} of {all} done";
    step_is_done = "（已完成）", " (done)";
    step_is_todo = "（未完成）", " (not done)";
    step_app = "创建应用", "Create an app";
    step_app_words = "获得 App ID、SDKAppID 和证书", "It gets an App ID, an SDKAppID and certificates";
    step_token = "生成临时 Token", "Generate a temporary token";
    step_token_words = "用它让客户端加入频道，检查接入是否正常", "Let a client join a channel with it to test the connection";
    step_usersig_words = "用它让用户登录即时通信，检查接入是否正常", "Let a user sign in to messaging with it to test the connection";
    step_verify = "校验 Token", "Verify a token";
    step_verify_words = "查看 Token 的每个字段，以及它被拒绝的准确原因", "See every field of a token and the exact reason where it fails";
    user_minutes = "用户分钟数", "User minutes";
    minutes_left(left: &str) = "剩余 {left} 分钟", "{left} minutes left";
    minutes_used(used: &str, all: &str) = "已用 {used} / {all} 分钟", "{used} of {all} minutes used";
    apps_by_state = "应用", "Apps";
    all_apps(count: i64) = "全部 {count} 个", one "{count} app", "All {count}";
    plan_distribution = "套餐分布", "Plans";
    attention = "需要关注", "Needs attention";
    attention_count(count: i64) = "{count} 项", one "{count} item", "{count} items";
    attention_none = "没有需要处理的事项", "Nothing needs your attention";
    attention_due(name: &str, left: &str) = "应用「{name}」的套餐{left}到期", "The plan of {name} ends soon: {left}";
    attention_expired(name: &str) = "应用「{name}」的套餐已到期，停用前仍可使用", "The plan of {name} has ended. It works until it is disabled";
    attention_more_due(count: i64) = "还有 {count} 个应用的套餐即将到期", one "The plan of {count} more app ends soon", "The plans of {count} more apps end soon";
    attention_more_expired(count: i64) = "还有 {count} 个应用的套餐已到期", one "The plan of {count} more app has ended", "The plans of {count} more apps have ended";
    attention_minutes_low(left: &str) = "用户分钟数仅剩 {left} 分钟", "Only {left} minutes are left";
    attention_see_minutes = "查看分钟数", "See minutes";
    attention_minutes_none = "用户分钟数已用完，无法创建实时音视频应用", "No minutes are left. RTC apps cannot be created";
    attention_see_app = "查看应用", "See app";
    attention_see_apps = "查看应用", "See apps";
    yesterday = "昨日数据", "Yesterday";
    figures_of_yesterday = "昨日指标", "Yesterday's figures";
    figures_added = "各应用数据之和，每个应用按自己的统计时区计日", "Figures add those of the apps, each by its own days";
    against_day_before = "日环比", "vs prior day";
    trend_of(metric: &str) = "{metric}，最近 30 天", "{metric}, last 30 days";
    this_period = "最近 30 天", "Last 30 days";
    previous_period = "前 30 天", "30 days before";
    chart_caption(max: &str, max_day: &str, min: &str, min_day: &str, average: &str) = "最高 {max}（{max_day}），最低 {min}（{min_day}），日均 {average}", "Highest {max} ({max_day}), lowest {min} ({min_day}), daily average {average}";
    chart_keys = "按左右方向键逐日查看。", "Use the left and right arrow keys to read each day.";
    chart_table = "逐日数据", "Day by day";
    chart_day = "日期", "Day";
    no_data = "暂无数据", "No data";
    no_data_yet = "暂无数据。服务端上报事件后，次日可见", "No data yet. It shows the day after servers report events";
}
