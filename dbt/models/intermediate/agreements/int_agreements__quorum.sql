-- How many partners of a role approve a consensus plan. The plan is one for the whole network, so the agreement that asks most decides.
{{ resolved('agreement_approval', ['role'], ['quorum']) }}

select
    role,
    max(quorum) as quorum,
    {{ ids('submission_id') }} as submission_ids
from resolved
where choice = 1
group by role
