"""Which chats each snapshot holds, derived from its trees and kept on this machine."""
