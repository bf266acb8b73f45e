{{ report_submissions('operator') }}
