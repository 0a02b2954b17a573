//! The happenings that have a name of their own on the page, and how much each matters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A happening with a tick box of its own. Anything else on OctoPrint's event bus is a custom event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", try_from = "String")]
pub enum Topic {
    /// A print has started.
    PrintStarted,
    /// A print has finished.
    PrintDone,
    /// A print has ended in an error.
    PrintFailed,
    /// Somebody cancelled a print.
    PrintCancelled,
    /// A print has been paused.
    PrintPaused,
    /// A paused print goes on.
    PrintResumed,
    /// A print has passed a multiple of the hook's progress interval.
    PrintProgress,
    /// The printer waits for a person: filament change, colour change.
    UserActionNeeded,
    /// The printer or its firmware reported an error.
    Error,
    /// The printer went away without being asked to.
    ConnectionLost,
    /// The print wrote something on the display.
    DisplayMessage,
    /// The print says `@webhook NAME`.
    WebhookCommand,
    /// Another webhook is not sent any more, or is again.
    WebhookTrouble,
    /// A print has ended, whichever way: told once, as what it was.
    PrintEnded,
    /// The first layer is on the bed.
    FirstLayerDone,
    /// A heater has reached its target, has held it, or has cooled down, as the hook's rules say.
    Temperature,
    /// The printer does not wait for a person any more.
    UserActionOver,
    /// The printer said a line that one of the hook's patterns matches.
    TerminalLine,
    /// The power was lost, or OctoPrint stopped, while something was printed: told after the next start.
    PrintInterrupted,
}

/// How long a delivery matters, and what may be left out under pressure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Only the latest is worth anything, and not for long.
    Progress,
    /// The course of a print.
    Lifecycle,
    /// Somebody has to do something.
    Critical,
}

/// A key that no happening has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no such event, expected one of {}", Topic::ALL.map(Topic::key).join(", "))]
pub struct NoSuchTopic;

/// By its key. A text and not a variant for serde, so that errors can name the place where it stands.
impl TryFrom<String> for Topic {
    type Error = NoSuchTopic;

    fn try_from(key: String) -> Result<Self, NoSuchTopic> {
        Self::ALL.into_iter().find(|topic| topic.key() == key).ok_or(NoSuchTopic)
    }
}

impl Topic {
    /// All of them, in the order of a print's life: the order of the page.
    pub const ALL: [Self; 19] = [
        Self::PrintStarted,
        Self::FirstLayerDone,
        Self::PrintProgress,
        Self::PrintPaused,
        Self::PrintResumed,
        Self::PrintDone,
        Self::PrintFailed,
        Self::PrintCancelled,
        Self::PrintInterrupted,
        Self::PrintEnded,
        Self::UserActionNeeded,
        Self::UserActionOver,
        Self::Error,
        Self::ConnectionLost,
        Self::Temperature,
        Self::TerminalLine,
        Self::DisplayMessage,
        Self::WebhookCommand,
        Self::WebhookTrouble,
    ];

    /// Whether it tells the end of a print; several of them may tell the same one.
    pub const fn ends_print(self) -> bool {
        matches!(
            self,
            Self::PrintDone | Self::PrintFailed | Self::PrintCancelled | Self::PrintInterrupted | Self::PrintEnded
        )
    }

    /// The value of `@topic`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::PrintStarted => "Print Started",
            Self::PrintDone => "Print Done",
            Self::PrintFailed => "Print Failed",
            Self::PrintCancelled => "Print Cancelled",
            Self::PrintPaused => "Print Paused",
            Self::PrintResumed => "Print Resumed",
            Self::PrintProgress => "Print Progress",
            Self::UserActionNeeded => "User Action Needed",
            Self::Error => "Error",
            Self::ConnectionLost => "Connection Lost",
            Self::DisplayMessage => "Display Message",
            Self::WebhookCommand => "Webhook Command",
            Self::WebhookTrouble => "Webhook Trouble",
            Self::PrintEnded => "Print Ended",
            Self::PrintInterrupted => "Print Interrupted",
            Self::FirstLayerDone => "First Layer Done",
            Self::Temperature => "Heater Temperature",
            Self::UserActionOver => "User Action Over",
            Self::TerminalLine => "Terminal Line",
        }
    }

    /// The name on OctoPrint's event bus: the value of `@event`. The `plugin_webhooks_*` ones are fired by this plugin.
    pub const fn event_name(self) -> &'static str {
        match self {
            Self::PrintStarted => "PrintStarted",
            Self::PrintDone => "PrintDone",
            Self::PrintFailed => "PrintFailed",
            Self::PrintCancelled => "PrintCancelled",
            Self::PrintPaused => "PrintPaused",
            Self::PrintResumed => "PrintResumed",
            Self::PrintProgress => "plugin_webhooks_progress",
            Self::UserActionNeeded => "plugin_webhooks_notify",
            Self::Error => "Error",
            Self::ConnectionLost => "plugin_webhooks_connection_lost",
            Self::DisplayMessage => "plugin_webhooks_display_message",
            Self::WebhookCommand => "plugin_webhooks_command",
            Self::WebhookTrouble => "plugin_webhooks_trouble",
            Self::PrintEnded => "plugin_webhooks_print_ended",
            Self::PrintInterrupted => "plugin_webhooks_print_interrupted",
            Self::FirstLayerDone => "plugin_webhooks_first_layer_done",
            Self::Temperature => "plugin_webhooks_temperature",
            Self::UserActionOver => "plugin_webhooks_notify_over",
            Self::TerminalLine => "plugin_webhooks_terminal_line",
        }
    }

    /// The key in the hooks file.
    pub const fn key(self) -> &'static str {
        match self {
            Self::PrintStarted => "print_started",
            Self::PrintDone => "print_done",
            Self::PrintFailed => "print_failed",
            Self::PrintCancelled => "print_cancelled",
            Self::PrintPaused => "print_paused",
            Self::PrintResumed => "print_resumed",
            Self::PrintProgress => "print_progress",
            Self::UserActionNeeded => "user_action_needed",
            Self::Error => "error",
            Self::ConnectionLost => "connection_lost",
            Self::DisplayMessage => "display_message",
            Self::WebhookCommand => "webhook_command",
            Self::WebhookTrouble => "webhook_trouble",
            Self::PrintEnded => "print_ended",
            Self::PrintInterrupted => "print_interrupted",
            Self::FirstLayerDone => "first_layer_done",
            Self::Temperature => "temperature",
            Self::UserActionOver => "user_action_over",
            Self::TerminalLine => "terminal_line",
        }
    }

    /// The message of a new hook, before the user writes another.
    pub const fn default_message(self) -> &'static str {
        match self {
            Self::PrintStarted => "Your print has started.",
            Self::PrintDone => "Your print is done.",
            Self::PrintFailed => "Something went wrong and your print has failed.",
            Self::PrintCancelled => "Your print has been cancelled.",
            Self::PrintPaused => "Your print has paused. You might need to change the filament color.",
            Self::PrintResumed => "Your print goes on.",
            Self::PrintProgress => "Your print is @percentCompleteMilestone % complete.",
            Self::UserActionNeeded => "User action needed. You might need to change the filament color.",
            Self::Error => "There was an error.",
            Self::ConnectionLost => "The connection to the printer was lost.",
            Self::FirstLayerDone => "The first layer is done.",
            Self::DisplayMessage
            | Self::WebhookCommand
            | Self::PrintEnded
            | Self::PrintInterrupted
            | Self::Temperature
            | Self::UserActionOver
            | Self::TerminalLine => "@extra.text",
            Self::WebhookTrouble => "@extra.message",
        }
    }

    /// How much it matters.
    pub const fn class(self) -> Class {
        match self {
            Self::PrintFailed
            | Self::PrintInterrupted
            | Self::UserActionNeeded
            | Self::Error
            | Self::ConnectionLost
            | Self::WebhookTrouble => Class::Critical,
            Self::PrintProgress | Self::DisplayMessage => Class::Progress,
            _ => Class::Lifecycle,
        }
    }
}
