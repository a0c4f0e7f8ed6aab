//! What an event says.

use serde::{Deserialize, Serialize};

use crate::api_keys::ApiCaller;
use crate::apps::App;
use crate::ids::{AccountId, SdkAppId, SessionId, WorkspaceId};
use crate::sessions::Person;
use crate::step_up::Method;

/// The chain of what belongs to no workspace: acts of the host, of people who are in none.
pub const INSTALLATION: WorkspaceId = WorkspaceId(0);

crate::words! {
    /// What was done, or asked for.
    pub enum Act {
        /// Setting the installation up.
        SetUp = "set_up",
        /// Signing in.
        SignIn = "sign_in",
        /// Signing out.
        SignOut = "sign_out",
        /// Ending another sign-in of one's own.
        EndSession = "end_session",
        /// Ending all other sign-ins of one's own.
        EndOtherSessions = "end_other_sessions",
        /// Going to another workspace.
        EnterWorkspace = "enter_workspace",
        /// Changing one's name, language or time zone.
        EditProfile = "edit_profile",
        /// Changing one's password.
        ChangePassword = "change_password",
        /// Asking for a link to choose a new password.
        AskPasswordReset = "ask_password_reset",
        /// Choosing a new password by that link.
        ResetPassword = "reset_password",
        /// Confirming an address by the link that was sent to it.
        ConfirmEmail = "confirm_email",
        /// Changing the address: the new one is asked to confirm it.
        ChangeEmail = "change_email",
        /// Freezing one's account from a mail.
        FreezeAccount = "freeze_account",
        /// Lifting that.
        UnfreezeAccount = "unfreeze_account",
        /// Setting one's telephone, or another one.
        ChangePhone = "change_phone",
        /// Removing the telephone.
        RemovePhone = "remove_phone",
        /// Setting up an authenticator where there was none.
        AddAuthenticator = "add_authenticator",
        /// Putting another authenticator in its place.
        ReplaceAuthenticator = "replace_authenticator",
        /// Removing the authenticator.
        RemoveAuthenticator = "remove_authenticator",
        /// Adding a passkey.
        AddPasskey = "add_passkey",
        /// Removing a passkey.
        RemovePasskey = "remove_passkey",
        /// Letting somebody at an OpenID Connect provider sign in to one's account.
        ConnectIdentity = "connect_identity",
        /// Taking that back.
        DisconnectIdentity = "disconnect_identity",
        /// Making recovery codes; those from before stop working.
        RenewRecoveryCodes = "renew_recovery_codes",
        /// Lifting the hold on somebody's codes.
        UnlockAccount = "unlock_account",
        /// Creating an app.
        CreateApp = "create_app",
        /// Editing an app.
        EditApp = "edit_app",
        /// 开启应用.
        EnableApp = "enable_app",
        /// 停用应用.
        DisableApp = "disable_app",
        /// 删除应用.
        DeleteApp = "delete_app",
        /// 重置证书.
        ResetCertificate = "reset_certificate",
        /// 显示密钥.
        RevealKey = "reveal_key",
        /// 隐藏密钥.
        HideKey = "hide_key",
        /// Creating an operator.
        CreateOperator = "create_operator",
        /// Creating a workspace.
        CreateWorkspace = "create_workspace",
        /// Editing a workspace.
        EditWorkspace = "edit_workspace",
        /// Changing how dangerous acts are confirmed in a workspace.
        ChangePolicy = "change_policy",
        /// Inviting somebody to a workspace.
        InviteMember = "invite_member",
        /// Taking an invitation back.
        CancelInvitation = "cancel_invitation",
        /// Following an invitation.
        AcceptInvitation = "accept_invitation",
        /// Changing a member's role or reach.
        ChangeMember = "change_member",
        /// Removing a member.
        RemoveMember = "remove_member",
        /// Leaving a workspace.
        LeaveWorkspace = "leave_workspace",
        /// Handing a workspace over to another owner.
        HandOver = "hand_over",
        /// Creating an API key.
        CreateApiKey = "create_api_key",
        /// Putting another API key in the place of one.
        RollApiKey = "roll_api_key",
        /// Revoking an API key.
        RevokeApiKey = "revoke_api_key",
        /// Granting minutes.
        GrantMinutes = "grant_minutes",
        /// Setting the line at which few minutes are told by mail.
        SetMinutesAlert = "set_minutes_alert",
        /// Loading sample data.
        LoadDemo = "load_demo",
    }
}

crate::words! {
    /// What came of it.
    pub enum Outcome {
        /// It was done.
        Done = "done",
        /// It was refused, and nothing happened.
        Denied = "denied",
        /// It waits until the person has proved who they are.
        Requested = "requested",
        /// It was called off by the person.
        Cancelled = "cancelled",
        /// Nobody proved anything in time.
        Expired = "expired",
    }
}

crate::words! {
    /// Why something was refused.
    pub enum Reason {
        /// The code is not the right one.
        WrongCode = "wrong_code",
        /// The passkey did not do.
        WrongPasskey = "wrong_passkey",
        /// The code was right and had been used before.
        UsedCode = "used_code",
        /// The code was sent too long ago.
        ExpiredCode = "expired_code",
        /// Too many wrong codes for this request.
        Locked = "locked",
        /// Too many wrong codes of this account lately.
        OnHold = "on_hold",
        /// So many wrong codes in a row that somebody else must lift the hold.
        HardStop = "hard_stop",
        /// Too many codes were sent lately.
        TooManySends = "too_many_sends",
        /// No proof was given.
        NotVerified = "not_verified",
        /// The proof, or the request for one, came too late.
        Expired = "expired",
        /// The proof had been used before.
        Used = "used",
        /// The request was called off or replaced by another.
        Ended = "ended",
        /// The proof belongs to another sign-in.
        OtherSession = "other_session",
        /// The proof belongs to another person.
        OtherAccount = "other_account",
        /// The proof belongs to another workspace.
        OtherWorkspace = "other_workspace",
        /// The proof is for another act.
        OtherAct = "other_act",
        /// The proof is for other particulars of the act.
        OtherParameters = "other_parameters",
        /// What the act is about has changed since it was asked for.
        TargetChanged = "target_changed",
        /// The act is not possible as things are.
        NotPossible = "not_possible",
        /// The role does not allow it.
        Forbidden = "forbidden",
        /// The form came from another sign-in or another site.
        ForeignForm = "foreign_form",
        /// The request was of another method.
        WrongMethod = "wrong_method",
        /// The request was no form.
        NotAForm = "not_a_form",
        /// The form could not be read.
        Unreadable = "unreadable",
        /// A program asked for what belongs to people.
        ApiKey = "api_key",
        /// Whoever got the mail said that it was not them.
        Disowned = "disowned",
        /// The two digits from the first screen are not right.
        WrongNumber = "wrong_number",
    }
}

crate::words! {
    /// What kind of actor acted.
    pub enum ActorKind {
        /// Somebody signed in.
        Person = "person",
        /// A program with an API key.
        Key = "key",
        /// Whoever has the host, at the shell.
        Host = "host",
        /// The console itself, by the clock.
        System = "system",
    }
}

crate::words! {
    /// What kind of thing something was done to.
    pub enum TargetKind {
        /// The installation.
        Installation = "installation",
        /// A workspace.
        Workspace = "workspace",
        /// A person's account.
        Account = "account",
        /// An app.
        App = "app",
        /// An API key.
        ApiKey = "api_key",
    }
}

/// Who acted, and from where.
#[derive(Clone, Debug)]
pub struct Actor {
    /// What kind.
    pub kind: ActorKind,
    /// The number of the account or the API key.
    pub id: Option<i64>,
    /// The name at that time.
    pub name: String,
    /// A person's address at that time.
    pub email: String,
    /// The sign-in.
    pub session: Option<SessionId>,
    /// The network address.
    pub address: String,
    /// The client's name for itself.
    pub user_agent: String,
    /// The request.
    pub request_id: String,
}

impl Actor {
    fn new(kind: ActorKind, name: &str) -> Self {
        Self {
            kind,
            id: None,
            name: name.to_owned(),
            email: String::new(),
            session: None,
            address: String::new(),
            user_agent: String::new(),
            request_id: String::new(),
        }
    }

    /// Somebody at a network address, by a request, whose name nobody knows yet.
    #[must_use]
    pub fn at(address: String, user_agent: String, request_id: String) -> Self {
        Self { address, user_agent, request_id, ..Self::new(ActorKind::Person, "") }
    }

    /// Whoever has the host, at the shell.
    #[must_use]
    pub fn host() -> Self {
        Self::new(ActorKind::Host, "switchroom")
    }

    /// The console itself.
    #[must_use]
    pub fn system() -> Self {
        Self::new(ActorKind::System, "switchroom")
    }

    /// The same as somebody with an account, whose sign-in it is not (yet).
    #[must_use]
    pub fn as_person(self, account: AccountId, name: &str, email: &str) -> Self {
        let (name, email) = (name.to_owned(), email.to_owned());
        Self { kind: ActorKind::Person, id: Some(account.0), name, email, session: None, ..self }
    }

    /// The same in a sign-in.
    #[must_use]
    pub fn in_session(self, session: SessionId) -> Self {
        Self { session: Some(session), ..self }
    }

    /// The same as a program.
    #[must_use]
    pub fn as_program(self, caller: &ApiCaller) -> Self {
        let name = caller.name.clone();
        Self { kind: ActorKind::Key, id: Some(caller.id.0), name, session: None, ..self }
    }
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What kind.
    pub kind: TargetKind,
    /// Its number.
    pub id: i64,
    /// Its name at that time.
    pub name: String,
}

impl Target {
    /// The installation.
    #[must_use]
    pub fn installation() -> Self {
        Self { kind: TargetKind::Installation, id: 0, name: "Switchroom".to_owned() }
    }

    /// An app.
    #[must_use]
    pub fn app(id: SdkAppId, name: impl Into<String>) -> Self {
        Self { kind: TargetKind::App, id: id.0, name: name.into() }
    }

    /// A person's account.
    #[must_use]
    pub fn account(id: AccountId, name: impl Into<String>) -> Self {
        Self { kind: TargetKind::Account, id: id.0, name: name.into() }
    }

    /// A workspace.
    #[must_use]
    pub fn workspace(id: WorkspaceId, name: impl Into<String>) -> Self {
        Self { kind: TargetKind::Workspace, id: id.0, name: name.into() }
    }

    /// The app that it is, if it is one.
    #[must_use]
    pub fn sdk_app_id(&self) -> Option<SdkAppId> {
        (self.kind == TargetKind::App).then_some(SdkAppId(self.id))
    }
}

impl From<&App> for Target {
    fn from(app: &App) -> Self {
        Self::app(app.sdk_app_id, app.name.clone())
    }
}

impl From<&Person> for Target {
    fn from(person: &Person) -> Self {
        Self::account(person.account, person.name.clone())
    }
}

/// What became different in one respect. Never a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// In which respect: a column's or a form's name for it.
    pub field: String,
    /// What it was; `None` where there was nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// What it is now; `None` where there is nothing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// What became different, in all respects.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Changes(pub Vec<Change>);

impl Changes {
    /// Notes what a field has become; nothing when it stayed.
    #[must_use]
    pub fn from_to(
        mut self,
        field: &str,
        before: impl Into<String>,
        after: impl Into<String>,
    ) -> Self {
        let (before, after) = (before.into(), after.into());
        if before != after {
            let some = |text: String| (!text.is_empty()).then_some(text);
            self.0.push(Change {
                field: field.to_owned(),
                before: some(before),
                after: some(after),
            });
        }
        self
    }

    /// Notes what a field is from the beginning, or for an event that is no change.
    #[must_use]
    pub fn with(self, field: &str, value: impl Into<String>) -> Self {
        self.from_to(field, "", value)
    }
}

/// What happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// The act.
    pub act: Act,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it was refused.
    pub reason: Option<Reason>,
    /// How the person proved who they are.
    pub method: Option<Method>,
    /// What it was done to.
    pub target: Target,
    /// What became different.
    pub changes: Changes,
}

impl Event {
    /// Something that was done.
    #[must_use]
    pub fn done(act: Act, target: impl Into<Target>) -> Self {
        Self {
            act,
            outcome: Outcome::Done,
            reason: None,
            method: None,
            target: target.into(),
            changes: Changes::default(),
        }
    }

    /// Something that was refused.
    #[must_use]
    pub fn denied(act: Act, reason: Reason, target: impl Into<Target>) -> Self {
        Self { outcome: Outcome::Denied, reason: Some(reason), ..Self::done(act, target) }
    }

    /// The same with what became different.
    #[must_use]
    pub fn changing(self, changes: Changes) -> Self {
        Self { changes, ..self }
    }

    /// The same with how the person proved who they are.
    #[must_use]
    pub fn by(self, method: Method) -> Self {
        Self { method: Some(method), ..self }
    }

    /// The same with another outcome.
    #[must_use]
    pub fn ending(self, outcome: Outcome) -> Self {
        Self { outcome, ..self }
    }
}
