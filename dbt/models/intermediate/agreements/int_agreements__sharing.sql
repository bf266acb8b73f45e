-- Who sees which shared view under which agreement and how fine, with the standard terms where the agreement says nothing of it.
{{ resolved('agreement_sharing', ['feed_or_view', 'audience_role'], ['grain']) }}

select
    agreement_id,
    feed_or_view,
    audience_role,
    grain,
    {{ coarseness('grain') }} as coarseness,
    stated_by,
    {{ union_ids(singles=['submission_id']) }} as submission_ids
from resolved
where choice = 1
