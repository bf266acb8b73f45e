{{ report_submissions('hospital') }}
