-- Each supplier's and courier's newest answer to each forecast version, week by week.
{{ newest_answers('supply_commit', ['partner_id', 'resource_kind', 'resource_code'], ['committed_quantity']) }}
