-- What is an exception under which agreement, with the standard's criterion where the agreement has none of its own.
{{ resolved('agreement_criterion', ['criterion_code'], [
    'severity', 'threshold', 'threshold_unit', 'owner_role', 'due_days', 'escalate_to_role', 'escalate_after_days'
]) }}

select
    agreement_id,
    criterion_code,
    severity,
    threshold,
    threshold_unit,
    owner_role,
    due_days,
    escalate_to_role,
    escalate_after_days,
    stated_by,
    {{ union_ids(singles=['submission_id']) }} as submission_ids
from resolved
where choice = 1
