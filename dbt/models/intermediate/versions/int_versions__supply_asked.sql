-- The forecast versions that a supplier or courier answered, and those that it was asked to answer and has not.
{{ asked_versions(
    ['partner_id', 'resource_kind', 'resource_code'], ref('int_versions__supply_answers'), ref('int_versions__supply_links')
) }}
