{{ report_open_references('hospital') }}
