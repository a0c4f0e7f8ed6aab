//! The programs in each language.

crate::words! {
    /// A language that there are programs in.
    pub enum Client {
        /// A shell and curl.
        Curl = "curl",
        /// Python 3.
        Python = "python",
        /// Node.
        Node = "node",
        /// Go.
        Go = "go",
    }
}

/// A whole program.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// The name of its file, in the language's folder of `docs/clients`.
    pub file: &'static str,
    /// What is in it.
    pub text: &'static str,
    /// How it is run.
    pub command: &'static str,
}

macro_rules! program {
    ($folder:literal, $file:literal, $command:literal) => {
        Program {
            file: $file,
            text: include_str!(concat!("../../docs/clients/", $folder, "/", $file)),
            command: $command,
        }
    };
}

impl Client {
    /// Its own name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Curl => "curl",
            Self::Python => "Python",
            Self::Node => "Node.js",
            Self::Go => "Go",
        }
    }

    /// Reports events.
    #[must_use]
    pub const fn report(self) -> Program {
        match self {
            Self::Curl => {
                program!("curl", "report_events.sh", "sh report_events.sh node1-000001.json")
            }
            Self::Python => {
                program!("python", "report_events.py", "python3 report_events.py node1-000001.json")
            }
            Self::Node => {
                program!("node", "report_events.mjs", "node report_events.mjs node1-000001.json")
            }
            Self::Go => {
                program!("go", "report_events.go", "go run report_events.go node1-000001.json")
            }
        }
    }

    /// Checks a token.
    #[must_use]
    pub const fn verify(self) -> Program {
        match self {
            Self::Curl => {
                program!("curl", "verify_token.sh", "sh verify_token.sh TOKEN USER CHANNEL")
            }
            Self::Python => {
                program!("python", "verify_token.py", "python3 verify_token.py TOKEN USER CHANNEL")
            }
            Self::Node => {
                program!("node", "verify_token.mjs", "node verify_token.mjs TOKEN USER CHANNEL")
            }
            Self::Go => program!(
                "go",
                "verify_token.go",
                "go build verify_token.go && ./verify_token TOKEN USER CHANNEL"
            ),
        }
    }
}
