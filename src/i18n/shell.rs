//! The wordings of the shell, of errors and of the pages before and around the console.

texts! {
    description = "自托管的实时通信控制台", "A self-hosted console for real-time communication";
    skip = "跳到主要内容", "Skip to main content";
    demo = "演示", "Demo";
    demo_banner = "演示环境：数据为示例，停止后所有修改都会消失。", "Demo: the data is made up, and every change is gone once it stops.";
    menu = "菜单", "Menu";
    account_menu = "账号菜单", "Account menu";
    nav_main = "主导航", "Main";
    nav_overview = "概览", "Overview";
    nav_apps = "应用管理", "Apps";
    nav_profile = "个人资料", "Profile";
    workspace_now = "当前项目：", "Workspace: ";
    sign_out = "退出登录", "Sign out";
    dark_mode = "深色模式", "Dark mode";
    copied = "已复制", "Copied";
    selected = "浏览器不允许自动复制，内容已选中，请按 Ctrl+C", "The browser blocked copying. The text is selected: press Ctrl+C";
    colon = "：", ": ";
    stop = "。", ".";
    error_mark = "错误：", "Error: ";
    breadcrumb = "位置", "Breadcrumb";
    cancel = "取消", "Cancel";
    problems(count: i64) = "有 {count} 处需要修改", one "There is {count} problem", "There are {count} problems";

    flash_app_created = "创建应用提交成功", "App created";
    flash_app_edited = "编辑应用修改成功", "App saved";
    flash_profile_saved = "个人资料已保存", "Profile saved";
    flash_password_changed = "密码已修改，其他登录已全部退出", "Password changed. All other sign-ins have ended";
    flash_set_up = "初始化完成，欢迎使用 Switchroom", "Set-up is complete. Welcome to Switchroom";
    flash_signed_out = "已退出登录", "You are signed out";
    flash_next_token = "生成临时 Token 验证接入", "Generate a temporary token to test the connection";

    not_found_title = "页面不存在", "Page not found";
    not_found_words = "地址可能有误，或者对应的应用已被删除。", "The address may be wrong, or the app was deleted.";
    forbidden_title = "没有权限", "Not allowed";
    forbidden_words = "你的角色不能执行此操作。项目所有者或管理员可以调整角色。", "Your role does not allow this. An owner or admin of the workspace can change it.";
    foreign_title = "请求来自其他网站", "The request came from another site";
    foreign_words = "为了你的安全，我们没有执行它，也没有做任何修改。", "To keep you safe it was not carried out. Nothing was changed.";
    expired_title = "表单已过期", "This form has expired";
    expired_words = "登录状态已变化，内容还没有提交，也没有做任何修改。", "Your sign-in has changed since the page was opened. Nothing was sent or changed.";
    send_again = "再次提交", "Send again";
    start_over = "重新填写", "Start over";
    throttled_title = "尝试次数过多", "Too many tries";
    throttled_words(count: i64) = "请在 {count} 分钟后再试。在此之前，正确的密码也不会被接受。", one "Try again in {count} minute. Until then the right password is refused too.", "Try again in {count} minutes. Until then the right password is refused too.";
    busy_title = "服务繁忙", "Too busy right now";
    busy_words = "请稍候几秒再试。", "Try again in a few seconds.";
    too_large_title = "提交的内容过大", "That is too large";
    too_large_words = "请缩短内容后再提交。没有做任何修改。", "Send less and try again. Nothing was changed.";
    body_timeout_title = "提交超时", "The request took too long";
    body_timeout_words = "内容没有及时传完。请检查网络后再试。", "It did not arrive in time. Check the connection and try again.";
    method_title = "不支持的请求方式", "This address does not take that method";
    method_words = "请从页面上的链接或按钮进入。", "Use the links and buttons of the pages.";
    internal_title = "抱歉，出错了", "Sorry, something went wrong";
    internal_words = "这是我们的问题。请稍后再试；如果持续出现，请把请求编号告诉平台管理员。", "This one is on us. Try again later; if it goes on, give the request id to the operator.";
    bad_request_title = "无法理解的请求", "The request could not be read";
    bad_request_words = "请求的格式不正确，没有做任何修改。请回到页面重试。", "It is not of the form that this page takes. Nothing was changed. Go back and try again.";
    request_id = "请求编号", "Request id";
    to_overview = "返回概览", "Back to the overview";
    to_apps = "查看应用", "See apps";
    to_start = "返回首页", "Back to the start";

    sign_in = "登录", "Sign in";
    sign_in_lead = "使用项目成员的邮箱和密码。", "Use your e-mail address and password.";
    sign_in_not_set_up = "尚未初始化：请打开启动日志中的初始化链接。", "Not set up yet: open the set-up link in the start log.";
    email = "邮箱", "E-mail";
    password = "密码", "Password";
    name = "姓名", "Name";
    language_label = "语言", "Language";
    time_zone = "时区", "Time zone";
    save = "保存", "Save";

    profile = "个人资料", "Profile";
    profile_time_zone_hint = "页面上的时间按此时区显示，统计日期仍按应用的时区计算", "Times are shown in it. Days in statistics stay in the app's zone";
    profile_follow(zone: &str) = "跟随项目（{zone}）", "As the workspace ({zone})";
    profile_save = "保存个人资料", "Save profile";
    password_change = "修改密码", "Change password";
    password_change_lead = "修改后，其他浏览器上的登录会立即退出。", "Sign-ins in other browsers end at once.";
    password_current = "当前密码", "Current password";
    password_new = "新密码", "New password";
    password_hint = "至少 8 个字符，建议 15 个以上，可以是几个不相干的词", "At least 8 characters, better 15. A few unrelated words are fine";
    password_again = "再次输入新密码", "New password again";

    roles_heading = "我的角色", "Your role";
    role_owner = "所有者", "Owner";
    role_admin = "管理员", "Admin";
    role_engineer = "研发", "Engineer";
    role_operations = "运营", "Operations";
    role_finance = "财务", "Finance";
    role_viewer = "只读", "Viewer";
}
