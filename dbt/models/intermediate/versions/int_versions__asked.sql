-- The forecast versions that a plant answered, and those that it was asked to answer and has not.
{{ asked_versions(['site_id', 'therapy_code'], ref('int_versions__answers'), ref('int_versions__links')) }}
