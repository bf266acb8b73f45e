select role, quorum, submission_ids from {{ ref('int_agreements__quorum') }}
