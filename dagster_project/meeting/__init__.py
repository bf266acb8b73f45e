"""The joint planning meeting: decisions and approvals leave through the door, are read back as they come, and become a consensus edition."""

from dagster_project.meeting.consensus import Consensus, NotAgreedError, came_since, consensus_of, outdated
from dagster_project.meeting.quorum import Standing, standings
from dagster_project.meeting.saying import approve, decide
from dagster_project.meeting.taken import taken

__all__ = ["Consensus", "NotAgreedError", "Standing", "approve", "came_since", "consensus_of", "decide", "outdated", "standings", "taken"]
