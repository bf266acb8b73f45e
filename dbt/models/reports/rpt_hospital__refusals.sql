{{ report_refusals('hospital') }}
