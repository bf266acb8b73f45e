{{ report_due('hospital') }}
