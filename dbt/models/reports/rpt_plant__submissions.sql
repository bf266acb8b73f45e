{{ report_submissions('plant') }}
