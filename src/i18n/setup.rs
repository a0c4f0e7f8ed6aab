//! The wordings of the first run.

texts! {
    setup = "初始化 Switchroom", "Set up Switchroom";
    setup_lead = "创建第一个平台管理员和第一个项目。完成后此链接失效。", "Create the first operator and the first workspace. This link stops working afterwards.";
    setup_workspace = "项目名称", "Workspace name";
    setup_workspace_hint = "应用、成员和用户分钟数都归属于项目", "A workspace owns apps, members and minutes";
    setup_zone_hint = "统计和日期按此时区显示", "Dates and statistics follow this zone";
    setup_submit = "创建并登录", "Create and sign in";
}
