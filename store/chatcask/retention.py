"""What stays and what goes: policies, pins and tags, forgetting, pruning, undoing it."""

from __future__ import annotations

from chatcask.format.label import Label as Label
from chatcask.format.label import LabelKind as LabelKind
from chatcask.ops.retention.forget import bytes_freed as bytes_freed
from chatcask.ops.retention.forget import forget as forget
from chatcask.ops.retention.forget import plan_forget_by_name as plan_forget_by_name
from chatcask.ops.retention.forget import plan_forget_by_policy as plan_forget_by_policy
from chatcask.ops.retention.label import pin_chat as pin_chat
from chatcask.ops.retention.label import pin_snapshot as pin_snapshot
from chatcask.ops.retention.label import tag_snapshot as tag_snapshot
from chatcask.ops.retention.label import unpin_chat as unpin_chat
from chatcask.ops.retention.label import unpin_snapshot as unpin_snapshot
from chatcask.ops.retention.label import untag_snapshot as untag_snapshot
from chatcask.ops.retention.last_copies import LostChat as LostChat
from chatcask.ops.retention.last_copies import lost_chats as lost_chats
from chatcask.ops.retention.policy import Candidate as Candidate
from chatcask.ops.retention.policy import ForgetPlan as ForgetPlan
from chatcask.ops.retention.policy import RetentionPolicy as RetentionPolicy
from chatcask.ops.retention.prune import PruneResult as PruneResult
from chatcask.ops.retention.prune import preview_prune as preview_prune
from chatcask.ops.retention.prune import prune as prune
from chatcask.ops.retention.prune_plan import PrunePlan as PrunePlan
from chatcask.ops.retention.undelete import Undeleted as Undeleted
from chatcask.ops.retention.undelete import find_forgotten as find_forgotten
from chatcask.ops.retention.undelete import load_forgotten as load_forgotten
from chatcask.ops.retention.undelete import undelete as undelete
from chatcask.repository.labels import Labels as Labels
