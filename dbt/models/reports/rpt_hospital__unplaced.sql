{{ report_unplaced('hospital') }}
