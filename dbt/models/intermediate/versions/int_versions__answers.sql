-- Each plant's newest answer to each forecast version, week by week.
{{ newest_answers(
    'capacity_commit', ['site_id', 'therapy_code'], ['actual_starts', 'maximum_starts', 'agreed_starts', 'load_shift_starts']
) }}
