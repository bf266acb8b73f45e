{{ report_submissions('courier') }}
